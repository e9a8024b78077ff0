"""A file that is whole or not there: it is written beside its place, and takes it at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_IMODE

from syncd.cli.saying import say
from syncd.errors import Misconfigured

_USUAL, _PRIVATE = 0o666, 0o600  # the first less what the user's umask takes


def manifest_of(to: Path) -> Path:
    return to.with_name(f"{to.name}.manifest.json")


@contextmanager
def put_in_place(to: Path, *, is_private: bool = False) -> Iterator[Path]:
    """Where to write it. Whatever breaks off leaves what stood there before, with its manifest, and says where the rest is. `is_private`:
    for its owner's eyes alone, until they say otherwise.
    """
    if to.exists() and not to.is_file():  # A device or a pipe keeps nothing, and nothing can take its place.
        try:
            yield to
        except OSError as error:
            raise _unwritable(to, error) from error
        return
    place = to.resolve()  # A link stays one.
    part = place.with_name(f"{place.name}.part")
    try:
        _make(part, place, is_private=is_private)
        yield part
        manifest_of(to).unlink(missing_ok=True)  # Never does one stand beside a file that it says nothing of.
        part.replace(place)
    except OSError as error:
        _tell_what_is_left(part, to)
        raise _unwritable(to, error) from error
    except BaseException:  # Ctrl-C as well.
        _tell_what_is_left(part, to)
        raise


def _unwritable(to: Path, error: OSError) -> Misconfigured:
    return Misconfigured(f"{to} cannot be written ({error.strerror}); name another file with --to.")


def _make(part: Path, place: Path, *, is_private: bool) -> None:
    """For the eyes of those who may read what it takes the place of."""
    part.touch(_PRIVATE if is_private else _USUAL)
    if is_private:  # Of one that was left there nobody knows what it may be read by.
        part.chmod(_PRIVATE)
    elif place.exists():
        part.chmod(S_IMODE(place.stat().st_mode))


def _tell_what_is_left(part: Path, to: Path) -> None:
    if not part.is_file():
        return
    stays = f"; {to} is as it was" if to.exists() else f", and there is no {to}"
    say(f"The export broke off: what had been written by then is in {part}{stays}.", err=True)
