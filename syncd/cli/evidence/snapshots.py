"""`syncd evidence snapshots`: the answers that were given, and can be given again."""

from __future__ import annotations

from dataclasses import asdict

from syncd.cli.daemon import ConfigOption
from syncd.cli.reach import OutputOption, ServerOption

from .group import Name, evidence

_COLUMNS = ("integration", "number", "made_at", "window_start", "window_end", "asked_by", "sha256")


@evidence.command("snapshots")
def snapshots(
    name: Name = "", server: ServerOption = None, output: OutputOption = None, config: ConfigOption = None
) -> None:
    """Every snapshot, the newest first: `report --snapshot` gives it again, `diff` compares two."""
    from syncd.cli.output import form_of, show
    from syncd.store.evidence.snapshots import listing

    from .asked import here

    form_of(output)
    if server:
        from .elsewhere import there

        with there(server) as far:
            show(far.snapshots(name), output, columns=_COLUMNS)
        return
    with here(config) as asked:
        slug = asked.slug(name) if name else ""
        with asked.db.read() as tx:
            found = listing(tx, slug)
    show([asdict(one) for one in found], output, columns=_COLUMNS)
