"""E-mail through the operator's mail server."""

import asyncio
import ssl
from time import monotonic

import aiosmtplib
from aiosmtplib import SMTP

from solarhub.kit.clock import now
from solarhub.notifications.letter import compose, is_address
from solarhub.notifications.parcel import DeliveryFailed, Parcel, Receipt
from solarhub.notifications.smtp_settings import Secrecy, SmtpSettings

_REUSED_SECONDS = 20.0
"""How long a connection may lie idle: servers hang up after a minute or more."""
_LONGEST_ANSWER = 300


class Email:
    """Letters over a few connections, each kept for the letters that follow at once."""

    at_once = 4
    each = None
    timeout_seconds = 60.0  # some servers look through a letter before they answer

    def __init__(self, settings: SmtpSettings, *, timeout_seconds: float = timeout_seconds) -> None:
        """Connects to nobody yet."""
        self.settings = settings
        self.timeout_seconds = timeout_seconds
        self._idle: list[tuple[SMTP, float]] = []
        self._context: ssl.SSLContext | None = None

    async def deliver(self, parcel: Parcel) -> Receipt:
        """Raises DeliveryFailed. Whoever cancels it does not know whether the letter went out."""
        if not is_address(parcel.recipient):
            raise DeliveryFailed("This is not an e-mail address.", permanent=True)
        letter = compose(parcel, self.settings.sender, now()).as_bytes()
        while (connection := self._kept()) is not None:
            try:
                return await self._hand_over(connection, parcel.recipient, letter)
            except aiosmtplib.SMTPServerDisconnected:
                continue  # it had been hung up on, which only shows when it is used
        try:
            return await self._hand_over(await self._connect(), parcel.recipient, letter)
        except aiosmtplib.SMTPServerDisconnected:
            raise DeliveryFailed("The mail server hung up before it had taken the letter.") from None

    async def _connect(self) -> SMTP:
        """A connection that is encrypted and signed in as the settings have it. Raises DeliveryFailed."""
        settings = self.settings
        connection = SMTP(
            hostname=settings.host,
            port=settings.port,
            use_tls=settings.secrecy is Secrecy.TLS,
            start_tls=settings.secrecy is Secrecy.STARTTLS,
            tls_context=None if settings.secrecy is Secrecy.NONE else await self._trusting(),
            username=settings.user,
            password=settings.password,
            local_hostname="[127.0.0.1]",  # looking up this machine's own name may take seconds
            timeout=self.timeout_seconds / 4,
        )
        try:
            await connection.connect()
        except Exception as error:  # TLS, DNS, SMTP and sockets have no common parent; what is none of them is raised
            trouble = _no_connection(error)
            if trouble is None:
                raise
            raise DeliveryFailed(trouble, everyone=True) from error
        connection.timeout = self.timeout_seconds
        return connection

    async def rest(self) -> None:
        """There is nothing to send for now: says good-bye to the server."""
        idle, self._idle = self._idle, []
        await asyncio.gather(*(_leave(connection) for connection, _ in idle))

    async def _hand_over(self, connection: SMTP, recipient: str, letter: bytes) -> Receipt:
        try:
            options = [] if recipient.isascii() else ["SMTPUTF8"]
            _, said = await connection.sendmail(
                self.settings.sender.addr_spec, [recipient], letter, mail_options=options
            )
        except aiosmtplib.SMTPServerDisconnected:
            connection.close()
            raise
        except aiosmtplib.SMTPException as error:
            self._keep(connection)
            raise _refusal(error) from error
        except BaseException:
            connection.close()  # nobody knows what the server has heard
            raise
        self._keep(connection)
        return Receipt(f"250 {_one_line(said)}")

    def _kept(self) -> SMTP | None:
        while self._idle:
            connection, since = self._idle.pop()
            if connection.is_connected and monotonic() - since < _REUSED_SECONDS:
                return connection
            connection.close()
        return None

    def _keep(self, connection: SMTP) -> None:
        if connection.is_connected:
            self._idle.append((connection, monotonic()))

    async def _trusting(self) -> ssl.SSLContext:
        if self._context is None:
            try:  # the system's certificates are a large file
                self._context = await asyncio.to_thread(ssl.create_default_context, cafile=self.settings.authorities)
            except (OSError, ssl.SSLError) as error:
                raise DeliveryFailed(
                    "The hub cannot read the certificates that it is to trust its mail server by.", everyone=True
                ) from error
        return self._context


async def _leave(connection: SMTP) -> None:
    try:
        await connection.quit(timeout=2)
    except aiosmtplib.SMTPException:
        connection.close()


def _no_connection(error: Exception) -> str | None:
    """Why there is no connection, in a sentence that names no host: people of every organization may read it."""
    cause = error.__cause__ or error
    sentence = None
    if isinstance(cause, ssl.SSLCertVerificationError):
        sentence = f"The mail server's certificate cannot be trusted: {cause.verify_message or 'it is not valid'}."
    elif isinstance(error, aiosmtplib.SMTPAuthenticationError):
        sentence = f"The mail server refuses the hub's user name or password: {error.code} {_one_line(error.message)}"
    elif isinstance(error, aiosmtplib.SMTPResponseException):
        sentence = f"The mail server does not want to talk: {error.code} {_one_line(error.message)}"
    elif isinstance(cause, TimeoutError):
        sentence = "The mail server does not answer."
    elif isinstance(cause, ssl.SSLError):
        sentence = f"The mail server does not speak TLS here ({cause.reason or 'no handshake'})."
    elif isinstance(error, ConnectionError | OSError):
        sentence = "The mail server cannot be reached."
    elif isinstance(error, aiosmtplib.SMTPException):  # no STARTTLS, or no way to sign in: nothing goes in the clear
        sentence = f"The mail server lacks what the hub needs: {_one_line(error.message)}"
    return sentence


def _refusal(error: aiosmtplib.SMTPException) -> DeliveryFailed:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        refused = error.recipients[0]
        words = f"The mail server refuses this recipient: {refused.code} {_one_line(refused.message)}"
        return DeliveryFailed(words, permanent=refused.code >= 500)
    if isinstance(error, aiosmtplib.SMTPSenderRefused):
        words = f"The mail server refuses the hub as a sender: {error.code} {_one_line(error.message)}"
        return DeliveryFailed(words, everyone=True)  # the operator can put that right
    if isinstance(error, aiosmtplib.SMTPResponseException):
        words = f"The mail server did not take the letter: {error.code} {_one_line(error.message)}"
        return DeliveryFailed(words, permanent=error.code >= 500)
    if isinstance(error, aiosmtplib.SMTPNotSupported):
        return DeliveryFailed("The mail server cannot write to an address with such letters.", permanent=True)
    return DeliveryFailed("The mail server stopped answering before it had taken the letter.")


def _one_line(said: str) -> str:
    # whatever a server sends must fit into a column of text
    text = " ".join("".join(character if character.isprintable() else " " for character in said).split())
    return text if len(text) <= _LONGEST_ANSWER else f"{text[:_LONGEST_ANSWER]}…"
