"""`syncd integrations rotate --move`: what becomes of an integration is shown first, and done with --yes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from syncd.simulator import KEYS, Simulator, serve, simulator
from syncd.store import integrations
from syncd.store.database import Database
from tests.cli.conftest import SECRET, Syncd

NEW = "globex.pagerduty.com"


@pytest.fixture
def globex(acme: None, syncd: Syncd, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """Another account, and its key in the environment."""
    assert syncd("connectors", "add", "checkout", "--integration", "acme", "--service", "Checkout").code == 0
    monkeypatch.setenv(SECRET, KEYS.full)
    with simulator(seed=6) as made, serve(made.app) as made.account.api_url:
        made.account.web_url = f"https://{NEW}"
        yield made


def host(store: Database) -> str:
    with store.read() as tx:
        found = integrations.get(tx, "acme")
    assert found is not None
    return found.account_host


def test_it_is_shown_first_and_done_with_yes(syncd: Syncd, globex: Simulator, store: Database) -> None:
    words = ("integrations", "rotate", "acme", "--move", "--where", globex.account.api_url, "--by", "Ana")
    shown = syncd(*words)
    assert shown.code == 0
    assert shown.out.startswith(f"acme moves from simulated.pagerduty.com to {NEW}. 0 links end, and 0 changes")
    assert shown.err == "Nothing was changed. Add --yes to do it.\n"
    assert host(store) == "simulated.pagerduty.com"
    told = syncd("integrations", "log", "acme", "-o", "json").json
    assert [one["kind"] for one in told] == ["connected", "initiated"], "nothing was begun"
    done = syncd(*words, "--yes")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"acme is {NEW} from now on. 0 links ended.")
    assert host(store) == NEW
    assert syncd("integrations", "test", "acme", "-o", "json").json["account"] == NEW
    assert syncd("connectors", "list").json[0]["service"] == "Checkout"
    assert KEYS.full not in shown.out + done.out


def test_without_move_it_is_refused_and_names_it(syncd: Syncd, globex: Simulator, store: Database) -> None:
    """The key tells where it belongs only after it was asked, so that the host is what differs."""
    with store.write() as tx:
        integrations.learn_host(tx, "acme", "acme.pagerduty.com")
    refused = syncd("integrations", "rotate", "acme")
    assert refused.code == 2
    assert refused.err.endswith("move this one there, which ends its links: `syncd integrations rotate acme --move`.\n")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--yes",), "--service, --where and --yes are those of a move"),
        (("--service", "Checkout=Till"), "add --move, or leave them out"),
        (("--move", "--service", "Checkout"), "--service Checkout names no two services; write OLD=NEW"),
    ],
)
def test_words_that_mean_nothing_are_refused(
    syncd: Syncd, globex: Simulator, words: tuple[str, ...], says: str
) -> None:
    refused = syncd("integrations", "rotate", "acme", *words)
    assert refused.code == 2
    assert says in refused.err
    assert globex.journal.requests == []
