"""The cheapest question about each subject. All of them only read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from syncd.core.diagnostics import Subject
from syncd.core.judging import Answer, Heard, heard_of
from syncd.errors import RateLimited, Refused, SideError, Unauthorised, cause_of, in_seconds
from syncd.systems.document import Json, pick, pick_list, pick_name
from syncd.systems.http import Http, segment
from syncd.systems.pagerduty.sight import sight
from syncd.systems.trip import Trip


@dataclass(frozen=True, slots=True)
class Question:
    path: str
    names: str  # of the list in its answer
    has_limit: bool = True


QUESTIONS: Mapping[Subject, Question] = {
    Subject.KEY: Question("/abilities", "abilities", has_limit=False),
    Subject.USERS: Question("/users", "users"),
    Subject.SESSIONS: Question("/users/{user}/oauth_delegations", "oauth_delegations"),
    Subject.AUDIT: Question("/audit/records", "records"),
    Subject.LOG_ENTRIES: Question("/log_entries", "log_entries"),
    Subject.LICENCES: Question("/licenses", "licenses", has_limit=False),
    Subject.LICENCE_ALLOCATIONS: Question("/license_allocations", "license_allocations"),
    Subject.SIGHT: Question("/users/me", "user", has_limit=False),
}
#: The key is accepted, so that the others can be asked for.
_ACCEPTED = {Heard.ANSWERED, Heard.FORBIDDEN, Heard.NO_PLAN}


@dataclass(slots=True)
class Asking:
    """`elsewhere`: the same account in PagerDuty's other region; None for an address of one's own."""

    http: Http
    elsewhere: Http | None
    trip: Trip
    user_id: str = ""  # the one our writes are made as, until one is listed
    ungranted: Sequence[str] = ()  # scopes that evidence is read with, and that an OAuth token lacks

    def all_of(self, subjects: Iterable[Subject]) -> Mapping[Subject, Answer]:
        """The key itself comes first: where it is refused or nobody answers, the others would only say so again."""
        wanted = [subject for subject in QUESTIONS if subject in {*subjects, Subject.KEY}]
        answers: dict[Subject, Answer] = {}
        for subject in wanted:
            answers[subject] = self.ask(subject)
            if answers[Subject.KEY].heard is Heard.KEY_REFUSED:
                answers[Subject.KEY] = self.ask(Subject.KEY)  # Once more: a whole account is held for this.
            if answers[Subject.KEY].heard not in _ACCEPTED:
                break
        return answers

    def ask(self, subject: Subject) -> Answer:
        try:
            return self._answered(subject)
        except Unauthorised as error:
            return self._elsewhere(error)
        except RateLimited as error:
            return Answer(heard_of(error), f"{cause_of(str(error))}, try again in {in_seconds(error)}")
        except SideError as error:
            return Answer(heard_of(error), str(error))

    def _answered(self, subject: Subject) -> Answer:
        if subject is Subject.SIGHT:
            return self.seen()
        question = QUESTIONS[subject]
        if "{user}" in question.path and not self.user_id:
            return Answer(Heard.UNASKED, "There is no user whom it could be asked about.")
        params: dict[str, str | int] = {"limit": 1} if question.has_limit else {}
        path = question.path.replace("{user}", segment(self.user_id or "nobody"))
        document = self.http.send(self.trip, "GET", path, params=params).document()
        if not isinstance(pick(document, question.names), list):
            raise Refused(f"What answers {path} does not list {question.names}.", status=404)
        return self._users(document) if subject is Subject.USERS else Answer(Heard.ANSWERED)

    def _users(self, document: Json) -> Answer:
        """Whoever is listed is there; the user our writes are made as may be gone."""
        found = pick_list(document, "users")
        self.user_id = pick_name(found[0], "id") if found else ""
        return Answer(Heard.ANSWERED if found else Heard.EMPTY)

    def seen(self) -> Answer:
        """Raises what it is refused with. Whose it is comes first: where a person of less has agreed, more scopes would not help."""
        found = sight(self.http, self.trip)
        if not found.is_whole:
            return Answer(Heard.PARTIAL, found.said)
        if self.ungranted:
            return Answer(Heard.NARROW, f"It was granted no {', '.join(self.ungranted)}")
        return Answer(Heard.ANSWERED, found.said)

    def _elsewhere(self, refused: Unauthorised) -> Answer:
        """A key is known in its own region alone, and in the other it is refused like a wrong one."""
        if self.elsewhere is None:
            return Answer(Heard.KEY_REFUSED, str(refused))
        try:
            self.elsewhere.send(self.trip, "GET", QUESTIONS[Subject.KEY].path)
        except SideError:
            return Answer(Heard.KEY_REFUSED, str(refused))
        return Answer(Heard.OTHER_REGION, f"{self.elsewhere.base_url} accepts it")
