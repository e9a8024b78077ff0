"""The tables of who gets in: API tokens, console users, their sessions, sign-ins that failed, and requests that are done once. No secret
stands here as it is.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Named, Table, Text, TypedColumns

from .columns import IN_THE_OPEN, Json, Moment, Name, Serial, Word
from .tables import metadata


class ApiTokenColumns(TypedColumns):
    """A program's way in. A row is never deleted: its name stands in what it has done."""

    id = Column(Word, primary_key=True)  # stands in the token itself, so that it is looked up by this
    name: Named[str] = Column(Name, unique=True)
    digest: Named[bytes] = Column(LargeBinary, info=IN_THE_OPEN)
    role: Named[str] = Column(Word)
    integrations: Named[Any] = Column(Json)  # those it may touch; none: all
    created_at: Named[datetime] = Column(Moment)
    created_by: Named[str] = Column(Text)
    expires_at: Named[datetime | None] = Column(Moment)
    revoked_at: Named[datetime | None] = Column(Moment)
    revoked_by: Named[str] = Column(Text, server_default="")
    last_used_at: Named[datetime | None] = Column(Moment)  # to the minute


api_tokens = Table("api_tokens", metadata, ApiTokenColumns)


class UserColumns(TypedColumns):
    """A person who signs in to the console. A row is never deleted: its name stands in what the person has done."""

    name = Column(Name, primary_key=True)
    role: Named[str] = Column(Word)
    password: Named[str] = Column(Text)  # its scrypt hash, with what it was made with
    created_at: Named[datetime] = Column(Moment)
    created_by: Named[str] = Column(Text)
    changed_at: Named[datetime] = Column(Moment)  # its password, last
    disabled_at: Named[datetime | None] = Column(Moment)
    disabled_by: Named[str] = Column(Text, server_default="")


users = Table("users", metadata, UserColumns)


class ConsoleSessionColumns(TypedColumns):
    """A user who is signed in, known by a digest of what the browser carries."""

    digest = Column(Word, primary_key=True)
    user: Named[str] = Column(Name, ForeignKey("users.name"))
    began_at: Named[datetime] = Column(Moment)
    until: Named[datetime] = Column(Moment)


console_sessions = Table("console_sessions", metadata, ConsoleSessionColumns, Index(None, "user"), Index(None, "until"))


class SignedOutColumns(TypedColumns):
    """A session begun with the API token that was ended before its time: its cookie proves itself, and is let in no more."""

    digest = Column(Word, primary_key=True)
    until: Named[datetime] = Column(Moment)


signed_out = Table("signed_out", metadata, SignedOutColumns, Index(None, "until"))


class FirstAdminLinkColumns(TypedColumns):
    """A way in for whoever is to be the first admin, by a digest. It opens once, and not for long."""

    digest = Column(Word, primary_key=True)
    made_at: Named[datetime] = Column(Moment)
    made_by: Named[str] = Column(Text)
    until: Named[datetime] = Column(Moment)


first_admin_links = Table("first_admin_links", metadata, FirstAdminLinkColumns)


class FailedSignInColumns(TypedColumns):
    """A sign-in that failed, or is being tried at this moment. The name is kept as a digest: people type passwords there."""

    id = Column(Serial, primary_key=True)
    at: Named[datetime] = Column(Moment)
    subject: Named[str] = Column(Word)
    address: Named[str] = Column(Name)


failed_sign_ins = Table(
    "failed_sign_ins", metadata, FailedSignInColumns, Index(None, "subject"), Index(None, "address"), Index(None, "at")
)


class AskedOnceColumns(TypedColumns):
    """A request that came with an Idempotency-Key. Neither the key nor the request stands here as it is."""

    key = Column(Word, primary_key=True)  # a digest, of whose key it is too
    request: Named[str] = Column(Word)  # a digest that only who has the key can make
    begun_at: Named[datetime] = Column(Moment)
    status: Named[int | None] = Column()  # None: it is being done, or was cut off
    answer: Named[bytes | None] = Column(LargeBinary, info=IN_THE_OPEN)  # None: likewise, or it had a secret


asked_once = Table("asked_once", metadata, AskedOnceColumns, Index(None, "begun_at"))
