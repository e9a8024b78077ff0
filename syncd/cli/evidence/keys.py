"""`syncd evidence key`: the key that bundles are signed with. Its private half is sealed, and never shown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.reach import OutputOption
from syncd.cli.saying import say

from .group import evidence

_COLUMNS = ("fingerprint", "state", "created_at", "retired_at")


@evidence.command("key")
def key(
    to: Annotated[
        Path | None, typer.Option("--to", help="Write the public key there, in PEM: for whoever verifies.")
    ] = None,
    of: Annotated[str, typer.Option("--of", help="That of this fingerprint, instead of the one that signs now.")] = "",
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Sign with a new key from now on; public keys of old ones stay.")
    ] = False,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """The keys that sign bundles, or have signed them, by their fingerprints. The first time one is made."""
    from syncd.cli.in_place import put_in_place
    from syncd.cli.output import form_of, show
    from syncd.errors import NotFound
    from syncd.evidence.bundle.keys import listing, signer
    from syncd.evidence.bundle.keys import rotate as exchange
    from syncd.evidence.bundle.signing import spelt

    from .asked import here

    form_of(output)
    with here(config) as asked:
        made = exchange(asked.db, asked.vault()) if rotate else signer(asked.db, asked.vault())
        kept = listing(asked.db)
    wanted = spelt(of, "--of") if of else made.fingerprint
    found = next((one for one in kept if one.fingerprint == wanted), None)
    if found is None:
        raise NotFound(f"No key here has the fingerprint {wanted}; `syncd evidence key` shows them.")
    if to is None:
        show([_shown(one) for one in ([found] if of else kept)], output, columns=_COLUMNS)
        return
    with put_in_place(to) as part:
        part.write_text(found.public_key, encoding="ascii")
    say(f"The public key {found.fingerprint} is in {to}.", err=True)


def _shown(one: Any) -> dict[str, Any]:  # noqa: ANN401  A row of the store.
    state = "signs" if one.retired_at is None else "retired"
    said = {"fingerprint": one.fingerprint, "state": state, "public_key": one.public_key}
    return {**said, "created_at": one.created_at, "retired_at": one.retired_at}
