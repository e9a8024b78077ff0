"""The text that Prometheus reads (exposition format 0.0.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from syncd.flow.metrics.catalogue import Family

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})
_IN_HELP = str.maketrans({"\\": r"\\", "\n": r"\n"})


def exposition(families: Iterable[Family]) -> str:
    return "".join(f"{line}\n" for family in families for line in _lines(family))


def _lines(family: Family) -> Iterator[str]:
    series = family.series
    yield f"# HELP {series.name} {series.says.translate(_IN_HELP)}"
    yield f"# TYPE {series.name} {series.kind}"
    for one in family.samples:
        yield f"{series.name}{one.suffix}{_labels(one.labels)} {_number(one.value)}"


def _labels(labels: Mapping[str, str]) -> str:
    told = ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in labels.items())
    return f"{{{told}}}" if told else ""


def _number(value: float) -> str:
    """Whole numbers whole, however large: a rounded count would seem to stand still."""
    return str(int(value)) if value == int(value) else repr(float(value))
