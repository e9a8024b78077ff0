"""Each code that can stop a change is reached by a system that was broken; of each other one it is said why it is about none."""

from __future__ import annotations

from pathlib import Path

from syncd.core.diagnostics import CATALOGUE

_CONNECTING = "while an account is connected there is no link of it yet"
_GOES_ON = "sync goes on without it, and `syncd status` tells of it"
_NOT_USED = "nothing that is switched on here asks for it"
_BY_DOCTOR = "it is found by `syncd doctor`; a change that meets it is refused, and its row says why"

#: Code -> why no change is stopped by it.
ABOUT_NO_CHANGE = {
    **dict.fromkeys((f"PAG-{number}-A" for number in (100, 101, 102, 104, 105, 106, 107, 108)), _CONNECTING),
    "PAG-101-B": _GOES_ON,
    "PAG-102-B": "without users the From user is gone, and that is SYN-PAG-SENDER",
    **dict.fromkeys((f"PAG-{number}-B" for number in (104, 105, 107, 108)), _NOT_USED),
    "PAG-106-B": _GOES_ON,
    "SYN-PAG-REGION": _CONNECTING,
    "SYN-PAG-ADDRESS": _CONNECTING,
    "SYN-PAG-SCOPE": "what the token still may do goes on; what it may not is refused as forbidden, which the change's row says",
    "SYN-PAG-PEOPLE": "what cannot be written in a person's name is written in ours",
    "SYN-PAG-SERVICE": "the opening is refused, and the link says so: gate 2",
    "SYN-PAG-CLOCK": _GOES_ON,
    "SYN-HOOK-NONE": "an account without a webhook is looked over every 15 s",
    "SYN-PUBLIC-URL": "no webhook can be made without it, and then the account is looked over",
    "SYN-CONFIG": "with such a setting nothing starts",
    "SYN-SECRETS": "without the right master key no worker starts, and that is SYN-WORKER",
    "SYN-DATABASE": "without it nobody can be asked why",
    "SYN-BROKER": "sync goes on more slowly",
    "SYN-BROKER-EVICTS": "sync goes on more slowly",
    "SYN-BEAT": "each worker sweeps by its own timer",
    "SYN-CASE-NAMES": _BY_DOCTOR,
    "SYN-CHECK": "it is about the check itself",
}


def test_each_code_is_reached_or_is_about_no_change() -> None:
    tests = "".join(
        path.read_text(encoding="utf-8")
        for path in Path(__file__).parent.glob("test_*.py")
        if path.name != "test_codes.py"
    )
    reached = {code for code in CATALOGUE if f'"{code}"' in tests}
    assert reached | set(ABOUT_NO_CHANGE) == set(CATALOGUE)
    assert not reached & set(ABOUT_NO_CHANGE)
