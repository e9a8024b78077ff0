"""The words an incident is opened with: the templates of a connector or a preset. A small part of Jinja: no loops, no calls, no lookups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

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
_LONGEST = _BODY_LIMIT  # of every text on the way to the words: no filter is given more, and nothing gives more on
_FILTERS = frozenset({"capitalize", "d", "default", "length", "lower", "title", "trim", "upper"})
_MOST_PARTS, _MOST_FILTERS, _MOST_TITLED = 400, 32, 4  # `title` takes a hundred times as long as the others
_MOST_TRIMMED = 64  # different signs, since each is looked for in each place
#: Of these a template may have _MOST_PARTS, each works on texts of _LONGEST, and so the work of all has a bound.
_ALLOWED = (
    nodes.Name,
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
_TEXT = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.Const)  # together no longer than the template
_JOINED = "joined"  # A filter that no template may name.
_SANDBOX = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


def _cut(value: object) -> object:
    return value[:_LONGEST] if isinstance(value, str) else value


def _bounded(usual: Callable[..., object]) -> Callable[..., object]:
    def bounded(value: object, *args: object, **kwargs: object) -> object:
        return _cut(usual(_cut(value), *args, **kwargs))

    return bounded


def _trim(value: str, chars: str | None = None) -> str:
    return value.strip(None if chars is None else chars[:_MOST_TRIMMED])


def _joined(parts: Iterable[object]) -> str:
    """Of `~`, and of the whole: what goes beyond the limit is not even asked for."""
    kept: list[str] = []
    left = _LONGEST
    for part in parts:
        text = str(part)[:left]
        kept.append(text)
        left -= len(text)
        if not left:
            break
    return "".join(kept)


_SANDBOX.filters = {
    **{name: _bounded(_SANDBOX.filters[name]) for name in _FILTERS},
    "trim": _bounded(_trim),
    _JOINED: _joined,
}


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
    # A case may lack any of them, or have much to say.
    _fill(template, dict.fromkeys(NAMES, ""))
    _fill(template, dict.fromkeys(NAMES, "x " * (_BODY_LIMIT // 2)))
    return template


def _filled(template: str, otherwise: str, values: Mapping[str, str]) -> tuple[str, str]:
    """The text, and what was wrong with the template."""
    try:
        return _fill(template, values), ""
    except Misconfigured as error:
        return _fill(otherwise, values), str(error)


def _fill(template: str, values: Mapping[str, str]) -> str:
    try:
        return _joined(_compiled(template).generate(values)).strip()
    except (TemplateError, TypeError, ValueError) as error:
        raise _refused(_said(error)) from error


def _compiled(template: str) -> Template:
    """Or Misconfigured: that one cannot be made is kept as well, since each case of its connector asks for it."""
    found = _kept(template)
    if isinstance(found, str):
        raise _refused(found)
    return found


@lru_cache(maxsize=256)
def _kept(template: str) -> Template | str:
    if len(template) > _TEMPLATE_LIMIT:
        return f"it is longer than {_TEMPLATE_LIMIT} characters"
    try:
        tree = _SANDBOX.parse(template)
        return _fault(tree) or _SANDBOX.from_string(_Bounding().visit(tree))
    except (RecursionError, MemoryError, SyntaxError):
        return "it is nested too deeply"
    except (TemplateError, TypeError, ValueError) as error:
        return _said(error)


class _Bounding(NodeTransformer):
    """`~` as it stands would join whatever there is."""

    def visit_Concat(self, node: nodes.Concat) -> nodes.Filter:  # noqa: N802 - the visitor's name for it
        self.generic_visit(node)
        return nodes.Filter(nodes.List(node.nodes), _JOINED, [], [], None, None, lineno=node.lineno)


def _fault(tree: nodes.Template) -> str:
    """What of it is not text, or too much; nothing, where it may be used."""
    parts = [node for node in tree.find_all(nodes.Node) if not isinstance(node, _TEXT)]
    for node in parts:
        if isinstance(node, nodes.Name) and node.name not in NAMES:
            return f"it uses {node.name}"
        if isinstance(node, nodes.Filter) and node.name not in _FILTERS:
            return f"it uses the filter {node.name}"
        if not isinstance(node, _ALLOWED):
            return f"it uses {type(node).__name__.lower()}"
    return _excess(tree, parts)


def _excess(tree: nodes.Template, parts: Sequence[nodes.Node]) -> str:
    if len(parts) > _MOST_PARTS:
        return f"it has more than {_MOST_PARTS} names, conditions, filters and `~`"
    filters = [node.name for node in parts if isinstance(node, nodes.Filter)]
    if len(filters) > _MOST_FILTERS or filters.count("title") > _MOST_TITLED:
        return f"it has more than {_MOST_FILTERS} filters, or {_MOST_TITLED} times `title`"
    looked_in = {id(one.expr) for one in tree.find_all(nodes.Operand) if one.op in {"in", "notin"}}
    if any(isinstance(node, nodes.List | nodes.Tuple) and id(node) not in looked_in for node in parts):
        return "it uses a list that nothing is looked for in"
    return ""


def _said(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".") or type(error).__name__


def _refused(why: str) -> Misconfigured:
    return Misconfigured(
        f"The template cannot be rendered: {why}; it may use {', '.join(NAMES)}, `if`, `~`, [:n] "
        f"and the filters {', '.join(sorted(_FILTERS))}."
    )
