"""Every check is made apart from the others: whatever one of them meets is a line of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import structlog

from syncd.core.checked import Checked, failed, warned
from syncd.errors import DatabaseAway, RateLimited, SideError, SyncdError, cause_of, in_seconds
from syncd.flow.status import writing

log = structlog.get_logger(__name__)

Make = Callable[[], Iterable[Checked]]


def survived(check: str, make: Make, *, code: str = "SYN-CHECK", slug: str = "") -> Iterator[Checked]:
    """`code`: of a failure that is a sentence for people. A far side that does not answer one question is a warning."""
    try:
        yield from make()
    except RateLimited as error:
        said = f"It could not be asked: {cause_of(str(error))}; try again in {in_seconds(error)}."
        yield warned(check, "SYN-PAG-BUSY", said, slug)
    except SideError as error:
        yield warned(check, "", f"It could not be asked: {cause_of(str(error))}.", slug)
    except DatabaseAway as error:  # Whichever check met it.
        yield failed(check, writing.code(error), str(error), slug)
    except SyncdError as error:
        yield failed(check, code, str(error), slug)
    except Exception as error:
        log.exception("doctor.broken", check=check)
        yield failed(check, "SYN-CHECK", f"The check itself failed ({type(error).__name__}).", slug)
