"""The people of the account and their teams, and what is wrong with a few of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from syncd.simulator.account import ContactMethod, NotificationRule, Team, User
from syncd.simulator.estate.site import ZONES, Site
from syncd.simulator.estate.sizes import EACH

FIRST = ("Ana", "Ben", "Chidi", "Dana", "Emil", "Farah", "Goran", "Hana", "Ivo", "June", "Kofi", "Lena", "Mika", "Noor")
LAST = (
    "Lima",
    "Osei",
    "Park",
    "Quist",
    "Roy",
    "Sato",
    "Toth",
    "Uribe",
    "Vogel",
    "Weiss",
    "Xu",
    "Yilmaz",
    "Zuma",
    "Adeyemi",
)
TEAMS = ("Payments", "Checkout", "Search", "Identity", "Ledger", "Mobile", "Data", "Network", "Security", "Storage")
ADMINS = 3  # more than one in twenty of the users
YEARS = timedelta(days=900)


def engage(site: Site, named: tuple[tuple[str, str], ...], bot: str) -> None:
    """`named` are there in every simulated account, and so is the bot."""
    count = site.sizes.users - len(named) - 1
    made = [*named, *(_name(number) for number in range(count)), ("syncd bot", bot)]
    for number, (name, email) in enumerate(made):
        user = _user(site, name, email, number)
        site.put(user)
        site.manifest.roster.append(email)
    everybody = list(site.account.users)
    _found_teams(site, everybody)
    last = 1 + site.sizes.schedules * EACH
    site.free, site.spare = everybody[1:last][::-1], everybody[last:-1][::-1]
    _give_roles(site)
    _plant(site, everybody[-1])


def _name(number: int) -> tuple[str, str]:
    first, last = FIRST[number % len(FIRST)], LAST[number // len(FIRST) % len(LAST)]
    turn = number // (len(FIRST) * len(LAST)) + 2
    return f"{first} {last} {turn}", f"{first}.{last}.{turn}@example.com".lower()


def _user(site: Site, name: str, email: str, number: int) -> User:
    ids = site.ids
    mail = ContactMethod(ids.record(), "email", "Work", email)
    phone = ContactMethod(ids.record(), "phone", "Mobile", f"555{number:07d}")
    push = ContactMethod(ids.record(), "push_notification", "Phone", f"device-{number}")
    rules = tuple(
        NotificationRule(ids.record(), urgency, method.id, delay)
        for urgency, method, delay in (("high", push, 0), ("high", phone, 5), ("low", mail, 0))
    )
    return User(
        ids.record(),
        name,
        email,
        contacts=(mail, phone, push),
        rules=rules,
        created_at=site.made - YEARS + timedelta(days=number % 700),
        zone=ZONES[number % len(ZONES)],
    )


def _found_teams(site: Site, everybody: list[str]) -> None:
    for number in range(site.sizes.teams):
        word, turn = TEAMS[number % len(TEAMS)], number // len(TEAMS) + 1
        team = Team(site.ids.record(), word if turn == 1 else f"{word} {turn}", is_private=number == 8)
        site.account.teams[team.id] = team
    for number, user_id in enumerate(everybody):
        site.team(number).members[user_id] = "manager" if number < site.sizes.teams else "responder"


def _give_roles(site: Site) -> None:
    users = site.account.users
    owner = site.spare.pop()
    users[owner] = replace(users[owner], role="owner")
    admins = [site.spare.pop() for _ in range(max(5, len(users) // 20) + ADMINS)]
    for who in admins:
        users[who] = replace(users[who], role="admin")
    site.manifest.plant("USR-02", "admins")
    site.manifest.trap("USR-02", "owner")
    for role in ("observer", "limited_user", "read_only_user", "restricted_access"):
        for _ in range(3):
            who = site.spare.pop()
            users[who] = replace(users[who], role=role)


def _plant(site: Site, bot: str) -> None:
    _orphans(site)
    _invitations(site)
    manifest, users = site.manifest, site.account.users
    absent = [bot, *(site.spare.pop() for _ in range(3))]
    for who in absent:
        manifest.roster.remove(users[who].email)
    manifest.plant("USR-05", *absent)


def _orphans(site: Site) -> None:
    for _ in range(3):
        who = site.spare.pop()
        for team in site.account.teams.values():
            team.members.pop(who, None)
        site.manifest.plant("USR-03", who)


def _invitations(site: Site) -> None:
    for days in (15, 33, 61, 2, 13):
        invited = site.account.users[site.spare.pop()]
        since = site.after(days=-days)
        mail = invited.contacts[:1]
        rules = tuple(rule for rule in invited.rules if rule.contact_id == mail[0].id)
        site.put(replace(invited, is_invited=True, created_at=since, contacts=mail, rules=rules))
        site.manifest.since[invited.id] = since
        tell = site.manifest.plant if days > 14 else site.manifest.trap
        tell("USR-04", invited.id)


def make_unreachable(site: Site) -> None:
    """Four who are on call cannot be reached as they should be, each for a reason of their own."""
    users = site.account.users
    whose = [site.sound[number].user_ids[0] for number in (3, 5, 7, 9)]
    mail_only, two_mails, no_high, nothing = (users[who] for who in whose)
    mail = mail_only.contacts[:1]
    again = replace(two_mails.contacts[0], id=site.ids.record(), label="Home", address=f"home.{two_mails.email}")
    mails = (two_mails.contacts[0], again)
    site.put(replace(mail_only, contacts=mail, rules=(NotificationRule(site.ids.record(), "high", mail[0].id),)))
    site.put(replace(two_mails, contacts=mails, rules=(NotificationRule(site.ids.record(), "high", mails[0].id),)))
    site.put(replace(no_high, rules=tuple(rule for rule in no_high.rules if rule.urgency == "low")))
    site.put(replace(nothing, contacts=(), rules=()))
    site.manifest.plant("USR-01", *whose)
