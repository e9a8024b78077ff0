"""Pseudonyms in place of people's names: the same person has the same one everywhere, and without the key nobody finds out by trying.

A name is known by its words, however they are written; ids stay, so that whoever runs the account can look further into it.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from .collecting.courses.cleaning import words_without
from .facts.account import FIELDS, Facts
from .facts.dataset import Name

_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f])*")  # with the accents that stand behind their letters
_BETWEEN = re.compile(r"[^\w]{1,3}|_")  # of two words of one name
_MAIL = re.compile(r"[^\s<>]+@[^\s<>]+")
_PEOPLE = frozenset({"user", "user_reference"})
_SAID = frozenset({"name", "summary"})
_OWN = frozenset({"email", "description", "job_title", "avatar_url"})  # of a person, and told of nobody
#: Words of PagerDuty, which mean no person though one may be called like that.
_MACHINE = frozenset(
    {
        *("id", "type", "status", "urgency", "role", "self", "html_url", "url", "created_at", "updated_at", "start", "end", "since", "until"),
        *("time_zone", "offset", "limit", "more", "total", "incident_key", "dedup_key", "color", "subtype"),
    }
)  # fmt: skip
#: Of which datasets the rows have a name.
_NAMED = (Name.SERVICES, Name.POLICIES, Name.SCHEDULES, Name.TEAMS)


def _unknown(_address: str) -> str:
    """Whose an address is."""
    return ""


class Pseudonyms:
    def __init__(self, key: bytes, names: Mapping[str, str], user_of: Callable[[str], str] = _unknown) -> None:
        """`names`: of people, by their ids. `user_of`: the id of whoever signs in with an address; empty, if it is nobody's."""
        self._key, self._user_of = key, user_of
        self._known: list[tuple[str, str]] = []
        self._ids: dict[tuple[str, ...], str] = {}
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._odd: dict[str, str] = {}  # names without a word in them
        for who, name in names.items():
            self.learn(who, name)

    def learn(self, who: str, name: str) -> None:
        self._known.append((who, name))
        words = _words(name)
        if not words:
            if name.strip():
                self._odd[name.strip()] = self.of(who)
            return
        self._know(words, who)
        if len(words) > 1:
            self._know(("".join(words),), who)  # "AnaSilva", as logins and channels have it

    def _know(self, words: tuple[str, ...], who: str) -> None:
        known = self._by_first.setdefault(words[0], [])
        if all(one != words for one, _ in known):
            known.append((words, self.of(who)))
            known.sort(key=lambda one: -len(one[0]))
            self._ids[words] = who

    def of(self, who: str) -> str:
        digest = base64.b32encode(hmac.digest(self._key, who.encode(), "sha256")).decode()
        return f"Person {digest[:4]}-{digest[4:8]}"

    def whose(self, said: str) -> str:
        """Of somebody who asked or accepted, as they are called there: the user whom that address or that name is of, if there is one."""
        mail = _MAIL.search(said)
        name = _words(_MAIL.sub("", said))
        who = (self._user_of(mail[0]) if mail else "") or self._ids.get(name, "")
        return who or f"by:{' '.join(name) or _spelt(said.strip())}"

    def besides(self, people: Iterable[str]) -> Pseudonyms:
        """The same, and the names of these as well."""
        more = Pseudonyms(self._key, {}, self._user_of)
        for who, name in self._known:
            more.learn(who, name)
        for one in sorted(set(people)):
            more.learn(self.whose(one), _MAIL.sub("", one))
        return more

    def text(self, said: str) -> str:
        """The same without any name that is known."""
        said = said if said.isascii() else unicodedata.normalize("NFC", said)
        for name, instead in self._odd.items():
            said = said.replace(name, instead)
        found = [(one.start(), one.end(), _spelt(one[0])) for one in _WORD.finditer(said)]
        told: list[str] = []
        at = written = 0
        while at < len(found):
            instead, length = self._name_at(found, at, said)
            if length:
                told += [said[written : found[at][0]], instead]
                written = found[at + length - 1][1]
            at += max(length, 1)
        return "".join([*told, said[written:]])

    def _name_at(self, found: list[tuple[int, int, str]], at: int, said: str) -> tuple[str, int]:
        """The pseudonym, and how many words are the name; none, if none begins there."""
        for words, instead in self._by_first.get(found[at][2], ()):
            here = found[at : at + len(words)]
            between = (said[one[1] : after[0]] for one, after in pairwise(here))
            if tuple(one[2] for one in here) == words and all(map(_BETWEEN.fullmatch, between)):
                return instead, len(words)
        return "", 0

    def page(self, body: bytes) -> bytes:
        """A page of the API without names. One that is no JSON has none that could be found, so nothing of it is told."""
        try:
            return json.dumps(self.value(json.loads(body))).encode()
        except ValueError:
            return b"null"

    def value(self, given: Any) -> Any:  # noqa: ANN401 - JSON
        match given:
            case dict() if given.get("type") in _PEOPLE:
                return {key: self._of_person(key, one, given) for key, one in given.items()}
            case dict():
                return {
                    key: one if key in _MACHINE and isinstance(one, str) else self.value(one)
                    for key, one in given.items()
                }
            case list():
                return [self.value(one) for one in given]
            case str():
                return self.text(given)
            case _:
                return given

    def _of_person(self, key: str, one: Any, person: Mapping[str, Any]) -> Any:  # noqa: ANN401
        if isinstance(one, str) and key in _SAID:
            return self.of(str(person.get("id")))
        if key in _OWN:
            return None
        return one if key in _MACHINE and isinstance(one, str) else self.value(one)


def people_in(body: bytes) -> Iterator[tuple[str, str]]:
    """Id and name of everybody whom a page names, those among them whom the list of users has no more."""
    try:
        yield from _people(json.loads(body))
    except ValueError:
        return


def _people(given: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    if isinstance(given, dict):
        if given.get("type") in _PEOPLE and isinstance(given.get("id"), str):
            yield from ((given["id"], given[key]) for key in sorted(_SAID) if isinstance(given.get(key), str))
        for one in given.values():
            yield from _people(one)
    elif isinstance(given, list):
        for one in given:
            yield from _people(one)


def masked(facts: Facts, names: Pseudonyms) -> Facts:
    """What is found by these names nobody. Names of other things may have a person's in them."""
    changed: dict[str, Any] = {}
    for name in _NAMED:
        dataset = facts.of(name)
        rows = tuple(replace(one, name=names.text(one.name)) for one in dataset.rows)  # type: ignore[attr-defined, type-var]
        changed[FIELDS[name]] = replace(dataset, rows=rows)
    people = tuple(replace(one, name=names.of(one.id)) for one in facts.users.rows)
    return replace(facts, users=replace(facts.users, rows=people), **changed)


def masked_report(report: Mapping[str, Any], names: Pseudonyms) -> dict[str, Any]:
    """Whoever asked, accepted or is written about, and what people have written. The rest was made from facts without names."""
    found = {**report, "asked_by": _person(report["asked_by"], names)}
    told = names.besides([report["asked_by"], *(one["by"] for one in report["acceptances"])])
    found["acceptances"] = [
        {**one, "by": _person(one["by"], names), "why": _reason(one["why"], told)} for one in report["acceptances"]
    ]
    found["exceptions"] = [_masked_exception(one, names, told) for one in report["exceptions"]]
    for key in ("rules", "visible", "key", "datasets"):
        found[key] = names.value(report[key])
    return found


def _masked_exception(one: Mapping[str, Any], names: Pseudonyms, told: Pseudonyms) -> dict[str, Any]:
    given = {"accepted_by": _person(one["accepted_by"], names), "accepted_why": _reason(one["accepted_why"], told)}
    return {**one, "sentence": names.text(one["sentence"]), **given}


def _person(said: str, names: Pseudonyms) -> str:
    return names.of(names.whose(said)) if said else ""


def _reason(said: str, names: Pseudonyms) -> str:
    """Written by a person: addresses first, since a name may stand in one."""
    return names.text(words_without(said))


def _words(name: str) -> tuple[str, ...]:
    return tuple(_spelt(one) for one in _WORD.findall(unicodedata.normalize("NFC", name)))


def _spelt(word: str) -> str:
    """The same for a word in capitals and in small letters, and however its accents are written."""
    return word.lower() if word.isascii() else unicodedata.normalize("NFKC", word.casefold())
