"""Who is at the other end: a mail server and a webhook's receiver, both real, on the loopback, with TLS."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from solarhub.kit.clock import now
from solarhub.kit.tls import Authority


@dataclass(frozen=True)
class Trust:
    """An authority made for the test, and what a server on the loopback shows."""

    authorities: Path
    server: ssl.SSLContext

    @classmethod
    def make(cls, folder: Path) -> "Trust":
        authority = Authority.new("test", (), now())
        authorities, pem = folder / "authorities.pem", folder / "server.pem"
        authorities.write_bytes(authority.public_pem)
        pem.write_bytes(authority.issue(["localhost"], [], now()).pem)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(pem)
        return cls(authorities, context)


@dataclass
class MailServer:
    """Keeps the letters that it took. `answers` may change what it says, by command (RCPT, DATA) and recipient."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    connections: int = 0
    encrypted: list[bool] = field(default_factory=list)
    answers: dict[tuple[str, str], str] = field(default_factory=dict)
    on_recipient: Callable[[], None] = lambda: None
    on_letter: Callable[[], None] = lambda: None
    users: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    async def handle_EHLO(  # noqa: N802 - the name is aiosmtpd's
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802 - the name is aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        self.on_recipient()
        return self.answers.get(("RCPT", address), "250 OK")

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        said = self.answers.get(("DATA", envelope.rcpt_tos[0]), "250 2.0.0 taken as ABC")
        if self.seconds:
            await asyncio.sleep(self.seconds)
        if said.startswith("250"):
            content = envelope.content
            assert isinstance(content, bytes)
            self.letters.append(message_from_bytes(content, policy=policy.default))
            self.senders.append(str(envelope.mail_from))
            assert server.transport is not None
            self.encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        self.on_letter()
        return said

    def authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _kind: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        known = self.users.get(data.login.decode()) == data.password.decode()
        return AuthResult(success=known, handled=known)

    def ids(self) -> list[str]:
        return [str(letter["Message-ID"]) for letter in self.letters]


@asynccontextmanager
async def mail_server(
    trust: Trust, how: str, *, users: dict[str, str] | None = None, port: int = 0
) -> AsyncIterator[MailServer]:
    """`how`: tls (from the first byte), starttls, or plain."""
    mail = MailServer(users=users or {})
    talking: list[SMTP] = []

    def protocol() -> SMTP:
        mail.connections += 1
        with warnings.catch_warnings():
            # aiosmtpd does not see that a connection may be encrypted from its first byte on
            warnings.filterwarnings("ignore", "Requiring AUTH while not requiring TLS")
            smtp = SMTP(
                mail,
                enable_SMTPUTF8=True,
                hostname="localhost",
                tls_context=trust.server if how == "starttls" else None,
                require_starttls=how == "starttls",
                auth_required=bool(users),
                auth_require_tls=how == "starttls",
                authenticator=mail.authenticate if users else None,
            )
        talking.append(smtp)
        return smtp

    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "localhost", port, ssl=trust.server if how == "tls" else None)
    mail.port = server.sockets[0].getsockname()[1]
    try:
        yield mail
    finally:
        for smtp in talking:
            if isinstance(smtp.transport, asyncio.WriteTransport):
                smtp.transport.abort()
        server.close()
        await asyncio.sleep(0.01)  # the other side sees it too, and has closed its own before the loop ends
        await server.wait_closed()


@asynccontextmanager
async def silent_server(*lines: bytes) -> AsyncIterator[int]:
    """Says these lines, each but the first after it has heard one, and hangs up; without any it never says a thing."""
    talks: list[asyncio.Task[None] | None] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.append(asyncio.current_task())
        try:
            for line in lines:
                writer.write(line)
                await reader.readline()
            if not lines:
                await reader.read()
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    server = await asyncio.start_server(talk, "localhost", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.gather(*filter(None, talks))


@dataclass(frozen=True)
class Request:
    """What a receiver got."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Answers by path: /200, /500 … that status, /slow after a while, /silent never; `headers` are added."""

    port: int = 0
    requests: list[Request] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    body: bytes = b"ok"
    slow_seconds: float = 0.3
    on_request: Callable[[], None] = lambda: None
    connections: int = 0

    def ids(self, path: str) -> list[str]:
        return [request.headers["webhook-id"] for request in self.requests if request.path == path]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            path = head[0].split()[1]
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.requests.append(Request(path, headers, body))
            self.on_request()
            if path == "/silent":
                await reader.read()
                return
            if path == "/slow":
                await asyncio.sleep(self.slow_seconds)
            status = path[1:] if path[1:].isdecimal() else "200"
            lines = [f"HTTP/1.1 {status} So", f"Content-Length: {len(self.body)}", *self.headers, "", ""]
            writer.write("\r\n".join(lines).encode() + self.body)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def receiver(trust: Trust | None) -> AsyncIterator[Receiver]:
    """Without `trust` it speaks plain HTTP."""
    receiving = Receiver()
    context = trust.server if trust is not None else None
    server = await asyncio.start_server(receiving.serve, "127.0.0.1", 0, ssl=context)
    receiving.port = server.sockets[0].getsockname()[1]
    try:
        yield receiving
    finally:
        server.close()
        await server.wait_closed()
