"""A channel by mail: one text message over SMTP, to an address of a server that was checked before it was connected to."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from syncd.address.reading import MAIL, SPELLED, is_mail
from syncd.core.harmless import calling_nobody, plain
from syncd.errors import Misconfigured, Refused, SideError, Unreachable
from syncd.outgoing import Outgoing
from syncd.systems.trip import Trip
from syncd.systems.wire import system_resolver

from .port import Message


class Mail:
    name = "mail"

    def __init__(self, url: str, sender: str, to: Sequence[str], outgoing: Outgoing) -> None:
        if not is_mail(url) or not sender or not to:
            message = (
                "Mail needs SYNCD_NOTIFY_SMTP_URL like smtp://user:password@host:587 (or smtps://), "
                f"{SPELLED}, SYNCD_NOTIFY_MAIL_FROM and SYNCD_NOTIFY_MAIL_TO."
            )
            raise Misconfigured(message)
        parts = urlsplit(url)
        self._host, self._port = str(parts.hostname), parts.port or MAIL[parts.scheme]
        self._is_tls = parts.scheme == "smtps"
        self._login = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
        if not "".join(self._login or ()).isascii():
            raise Misconfigured(
                "The user and the password of SYNCD_NOTIFY_SMTP_URL take letters without accents: SMTP knows no others."
            )
        self._from, self._to, self._outgoing = sender, tuple(to), outgoing
        self.where = f"{', '.join(to)} by {self._host}:{self._port}"

    def send(self, message: Message, trip: Trip, now: datetime) -> None:
        try:
            with self._connected(trip.left()) as server:
                self._speak(server, _mail(message, self._from, self._to, now))
        except SideError:
            raise
        except smtplib.SMTPResponseException as error:
            said = plain(
                error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
            )
            raise Refused(f"The mail server at {self._host} answered {error.smtp_code}: {said}") from error
        except smtplib.SMTPRecipientsRefused as error:
            raise Refused(
                f"The mail server at {self._host} takes no mail for {', '.join(error.recipients)}."
            ) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(f"The mail server at {self._host}:{self._port} cannot be used ({error}).") from error

    def _connected(self, seconds: float) -> smtplib.SMTP:
        addresses = system_resolver(self._host, self._port)
        self._outgoing.refuse(self._host, self._port, addresses)
        kind = _CheckedTls if self._is_tls else _Checked
        made = kind(timeout=max(seconds, 0.1))
        made.address = addresses[0]
        made.connect(self._host, self._port)
        return made

    def _speak(self, server: smtplib.SMTP, mail: EmailMessage) -> None:
        server.ehlo()
        if not self._is_tls and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        elif self._login is not None and not self._is_tls:
            raise Refused(
                f"The mail server at {self._host} offers no TLS, so that no password is sent to it; use smtps://."
            )
        if self._login is not None:
            server.login(*self._login)
        server.send_message(mail)


class _Checked(smtplib.SMTP):
    """Connects to the address that was allowed, whatever the name leads to a moment later."""

    address = ""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002  the library's own seam
        return socket.create_connection((self.address, port), timeout)


class _CheckedTls(_Checked):
    default_port = 465

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        self._host = host
        return ssl.create_default_context().wrap_socket(super()._get_socket(host, port, timeout), server_hostname=host)


def _mail(message: Message, sender: str, to: Sequence[str], now: datetime) -> EmailMessage:
    mail = EmailMessage()
    over = "Over: " if message.is_over else ""
    mail["Subject"] = f"[syncd] {over}{calling_nobody(message.what)}"[:200]
    mail["From"], mail["To"], mail["Date"] = sender, ", ".join(to), format_datetime(now)
    mail["Message-ID"] = f"<{message.id}@syncd>"
    mail["Auto-Submitted"] = "auto-generated"
    opened = f"{message.opened_at:%Y-%m-%d %H:%M:%S} UTC"
    ended = f" until {message.cleared_at:%Y-%m-%d %H:%M:%S} UTC" if message.cleared_at else ""
    remedy = "" if message.is_over else f"\n{calling_nobody(message.remedy)}\n"
    mail.set_content(f"{calling_nobody(message.what)}\n{remedy}\n{message.event}, since {opened}{ended}.\n")
    return mail
