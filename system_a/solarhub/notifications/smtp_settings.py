"""Where the operator's mail server is, and how to speak to it: read from one URL."""

import re
from dataclasses import dataclass, field
from email.headerregistry import Address
from enum import StrEnum
from ipaddress import ip_address
from typing import Self
from urllib.parse import SplitResult, unquote, urlsplit

from solarhub.notifications.letter import is_address

EXAMPLE = "smtps://user:password@mail.example.org:465/?from=Solar%20Hub%20<hub@example.org>"
_SENDER = re.compile(r"\s*(?:(?P<name>[^<>]*?)\s*<(?P<in_brackets>[^<>]+)>|(?P<bare>[^<>\s]+))\s*")


class UnusableMailServer(ValueError):  # noqa: N818 - says what the matter is with it
    """The URL of a mail server that nothing can be sent through; the sentence says why, without the password."""


class Secrecy(StrEnum):
    """How the connection is protected."""

    TLS = "TLS"
    """From the first byte on (usually port 465)."""
    STARTTLS = "STARTTLS"
    """After a few words, or not at all: a server that does not offer it gets nothing (usually port 587)."""
    NONE = "no encryption"


@dataclass(frozen=True)
class SmtpSettings:
    """One mail server. `authorities`: a file of certificates to trust instead of the system's."""

    host: str
    port: int
    secrecy: Secrecy
    sender: Address
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    authorities: str | None = None

    @classmethod
    def parse(cls, url: str) -> Self:
        """`smtps://` speaks TLS from the first byte on, `smtp://` after STARTTLS.

        In front of the `@` stand user and password with their special characters written as `%40`. `from` is the
        sender, `Name <address>` or an address; it may be left out when the user is one. `tls` is `none` or `starttls`:
        `smtp://` needs `tls=none` to go out in the clear, except to this machine, where it is the default.
        `ca` names a file of certificates to trust. Raises UnusableMailServer.
        """
        try:
            parts = urlsplit(url.strip())
            port = parts.port
        except ValueError:
            raise UnusableMailServer(f"The mail server's URL cannot be read; one looks like {EXAMPLE}") from None
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.path not in {"", "/"} or parts.fragment:
            raise UnusableMailServer(
                f"The mail server's URL must be smtps://… or smtp://… with a host, such as {EXAMPLE}; characters"
                " such as / # ? @ in a user or password are written as %2F %23 %3F %40."
            )
        options = _options(parts.query)
        secrecy = _secrecy(parts, options.get("tls"))
        user = unquote(parts.username) if parts.username else None
        return cls(
            host=parts.hostname,
            port=port or {Secrecy.TLS: 465, Secrecy.STARTTLS: 587, Secrecy.NONE: 25}[secrecy],
            secrecy=secrecy,
            sender=_sender(options.get("from"), user),
            user=user,
            password=unquote(parts.password) if parts.password else None,
            authorities=options.get("ca"),
        )

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host} port {self.port} ({self.secrecy})"


def _options(query: str) -> dict[str, str]:
    options = {}
    for part in filter(None, query.split("&")):
        name, _, value = part.partition("=")
        if name not in {"from", "tls", "ca"}:
            raise UnusableMailServer(f"The mail server's URL takes from, tls and ca behind the ?, not {name}.")
        options[name] = unquote(value)  # a + stays a +: addresses have them
    return options


def _secrecy(parts: SplitResult, wanted: str | None) -> Secrecy:
    if parts.scheme == "smtps":
        if wanted is not None:
            raise UnusableMailServer("smtps:// is TLS already: leave tls=… away, or write smtp://.")
        return Secrecy.TLS
    if wanted not in {None, "none", "starttls"}:
        raise UnusableMailServer("tls in the mail server's URL is none or starttls.")
    if wanted == "none" or (wanted is None and _is_this_machine(str(parts.hostname))):
        return Secrecy.NONE
    return Secrecy.STARTTLS


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _sender(given: str | None, user: str | None) -> Address:
    if given is None and user is not None and is_address(user):
        given = user
    found = _SENDER.fullmatch(given or "")
    address = (found["in_brackets"] or found["bare"]) if found else ""
    name = (found["name"] or "").strip('"') if found else ""
    if not is_address(address) or not address.isascii() or not name.isprintable():
        raise UnusableMailServer(
            "The mail server's URL must say whom letters are from: ?from=Solar%20Hub%20<hub@example.org>"
        )
    return Address(display_name=name or "Solar Hub", addr_spec=address)
