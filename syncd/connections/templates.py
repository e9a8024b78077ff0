"""The words an incident is opened with: the templates of a connector or a preset. A small part of Jinja: no loops, no calls, no lookups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from syncd.core.changes import CaseOpened
from syncd.errors import Misconfigured

NAMES = ("case", "title", "body", "priority", "url", "by", "source", "team", "labels")
TITLE = "{{ title }}"
BODY = """{% if body %}{{ body }}

{% endif %}Case {{ case }}{% if url %}: {{ url }}{% endif %}
{% if by %}Opened by {{ by }}{% endif %}"""
_TITLE_LIMIT = 1024
_BODY_LIMIT = 60_000
_REST = 2_000  # of the body's limit, kept for what a template says besides the case's own text
_TEMPLATE_LIMIT = 10_000
_FILTERS = frozenset({"capitalize", "d", "default", "length", "lower", "title", "trim", "upper"})
#: What is not here cannot grow: the longest text is as long as the template and the values it names.
_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Concat,
    nodes.Getitem,
    nodes.Slice,
    nodes.List,
    nodes.Tuple,
    nodes.Filter,
)
_SANDBOX = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


@dataclass(frozen=True, slots=True)
class Words:
    title: str
    body: str
    wrong: str = ""  # with the templates, in which case our own took their place


def render(policy: Mapping[str, str], case_id: str, seen: CaseOpened) -> Words:
    """Never fails: people must be called, so a template that cannot be filled gives way to our own and is named in the body."""
    values = {
        "case": case_id,
        "title": seen.title,
        "body": seen.body[: _BODY_LIMIT - _REST],
        "priority": seen.priority,
        "url": seen.url,
        "by": seen.by.name,
        "source": seen.source,
        "team": seen.team,
        "labels": ", ".join(seen.labels)[:_REST],
    }
    title, wrong_title = _filled(policy.get("title", TITLE), TITLE, values)
    body, wrong_body = _filled(policy.get("body", BODY), BODY, values)
    faults = [one for one in dict.fromkeys((wrong_title, wrong_body)) if one]
    wrong = "".join(f"\n\n{one}" for one in faults)
    return Words((title or case_id)[:_TITLE_LIMIT], body[: _BODY_LIMIT - len(wrong)] + wrong, " ".join(faults))


def checked(template: str) -> str:
    """A template that will render, or Misconfigured with the fault."""
    _fill(template, dict.fromkeys(NAMES, "x"))
    # A case may lack any of them.
    _fill(template, dict.fromkeys(NAMES, ""))
    return template


def _filled(template: str, otherwise: str, values: Mapping[str, str]) -> tuple[str, str]:
    """The text, and what was wrong with the template."""
    try:
        return _fill(template, values), ""
    except Misconfigured as error:
        return _fill(otherwise, values), str(error)


def _fill(template: str, values: Mapping[str, str]) -> str:
    if len(template) > _TEMPLATE_LIMIT:
        raise _refused(f"it is longer than {_TEMPLATE_LIMIT} characters")
    try:
        _refuse_what_is_not_text(_SANDBOX.parse(template))
        return _SANDBOX.from_string(template).render(values).strip()
    except (RecursionError, MemoryError, SyntaxError) as error:
        raise _refused("it is nested too deeply") from error
    except (TemplateError, TypeError, ValueError) as error:
        raise _refused(str(error).partition("\n")[0].rstrip(".") or type(error).__name__) from error


def _refuse_what_is_not_text(tree: nodes.Template) -> None:
    for node in tree.find_all(nodes.Node):
        if isinstance(node, nodes.Name) and node.name not in NAMES:
            raise _refused(f"it uses {node.name}")
        if isinstance(node, nodes.Filter) and node.name not in _FILTERS:
            raise _refused(f"it uses the filter {node.name}")
        if not isinstance(node, _ALLOWED):
            raise _refused(f"it uses {type(node).__name__.lower()}")


def _refused(why: str) -> Misconfigured:
    return Misconfigured(
        f"The template cannot be rendered: {why}; it may use {', '.join(NAMES)}, `if`, `~`, [:n] "
        f"and the filters {', '.join(sorted(_FILTERS))}."
    )
