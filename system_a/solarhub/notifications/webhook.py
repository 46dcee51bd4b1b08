"""Webhooks: a signed POST to an address that an organization has named (standardwebhooks.com)."""

import asyncio
import json
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from ipaddress import ip_address
from typing import Any

import httpcore
from standardwebhooks import Webhook as Signature

import solarhub
from solarhub.kit.clock import now
from solarhub.notifications.parcel import DeliveryFailed, Parcel, Receipt
from solarhub.notifications.webhook_address import AddressRefused, IpAddress, IpNetwork, check_url, vet

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host. Raises OSError where there are none."""

_BODY_BYTES = 64 * 1024
_BODY_SECONDS = 1.0
_CONNECT_SECONDS = 4.0  # to each of the addresses
_AGAIN = frozenset({408, 425, 429})
_LONGEST_RETRY_AFTER = 24 * 3600.0


class SystemNames:
    """Asks the system, in threads of its own: a name server that takes its time holds up no other part of the hub."""

    def __init__(self, at_once: int) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="webhook names")

    async def __call__(self, host: str, port: int) -> list[str]:
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        )
        return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


class Webhook:
    """One request for one message: no redirect is followed, no answer of more than 64 KB is read."""

    at_once = 16
    each = 2
    timeout_seconds = 10.0

    def __init__(
        self,
        *,
        allowed: Sequence[IpNetwork] = (),
        resolver: Resolve | None = None,
        timeout_seconds: float = timeout_seconds,
    ) -> None:
        """`allowed`: networks that the operator opens beside the public ones. `resolver`: None asks the system."""
        self.timeout_seconds = timeout_seconds
        self._allowed = tuple(allowed)
        self._resolve = resolver or SystemNames(self.at_once)
        self._context: ssl.SSLContext | None = None

    async def deliver(self, parcel: Parcel) -> Receipt:
        """Raises DeliveryFailed. Whoever cancels it does not know whether the request was heard."""
        endpoint = parcel.endpoint
        if endpoint is None:
            raise DeliveryFailed("The webhook is not there any more.", permanent=True)
        body = body_of(parcel)
        headers = {
            "content-type": "application/json",
            "user-agent": f"SolarHub/{solarhub.__version__}",
            "accept": "*/*",
            **signed(str(parcel.id), endpoint.secret, now(), body),
        }
        try:
            target = check_url(endpoint.url, self._allowed)
            vetted = vet(await self._addresses(target.host, target.port), target, self._allowed)
        except AddressRefused as refused:
            raise DeliveryFailed(f"The webhook's address {refused}", permanent=True) from None
        url = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
        pool = httpcore.AsyncConnectionPool(
            ssl_context=await self._trusting(), network_backend=_Vetted(vetted), max_keepalive_connections=0
        )
        try:
            async with (
                pool,
                pool.stream("POST", url, headers=_lines(target.authority, headers), content=body) as answer,
            ):
                await _hear_out(answer)
                return _judge(answer)
        except httpcore.TimeoutException:
            raise DeliveryFailed("The webhook does not answer in time.") from None
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise DeliveryFailed(_no_answer(error)) from error

    async def rest(self) -> None:
        """Nothing is held between two messages."""

    async def _addresses(self, host: str, port: int) -> list[IpAddress]:
        try:
            return [ip_address(text) for text in await self._resolve(host, port)]
        except (OSError, UnicodeError):
            raise DeliveryFailed("The webhook's host cannot be found.") from None

    async def _trusting(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = await asyncio.to_thread(ssl.create_default_context)
        return self._context


class _Vetted(httpcore.AsyncNetworkBackend):
    """Connects to the addresses that were judged, whatever the host's name may lead to by now."""

    def __init__(self, addresses: Sequence[IpAddress]) -> None:
        self._addresses = addresses
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,  # noqa: ARG002 - the name was resolved once, before
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        failed: Exception = httpcore.ConnectError("no address")
        for address in self._addresses:
            try:
                return await self._network.connect_tcp(
                    str(address), port, timeout or _CONNECT_SECONDS, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed


def body_of(parcel: Parcel) -> bytes:
    """The same bytes at each attempt, so that receivers may compare them too."""
    data = parcel.payload if parcel.payload is not None else {"subject": parcel.subject, "text": parcel.text}
    timestamp = parcel.created_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return json.dumps({"type": parcel.event, "timestamp": timestamp, "data": data}, ensure_ascii=False).encode()


def signed(message_id: str, secret: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of standardwebhooks."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Signature(secret).sign(message_id, at, body.decode()),
    }


def _lines(authority: str, headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    named = {"host": authority, **headers}
    return [(name.encode(), value.encode()) for name, value in named.items()]


async def _hear_out(answer: httpcore.Response) -> None:
    """Reads a short answer, so that no connection is torn down in the middle of it; the status alone counts."""
    heard = 0
    with suppress(TimeoutError, httpcore.NetworkError, httpcore.ProtocolError):
        async with asyncio.timeout(_BODY_SECONDS):
            async for part in answer.aiter_stream():
                heard += len(part)
                if heard > _BODY_BYTES:
                    return


def _judge(answer: httpcore.Response) -> Receipt:
    status = answer.status
    if 200 <= status < 300:
        return Receipt(str(status))
    said = f"The webhook answered {status}"
    if status == 410:
        raise DeliveryFailed(f"{said}: it wants no more, and was switched off.", gone=True)
    if 300 <= status < 400:
        raise DeliveryFailed(f"{said}, a redirect, which is not followed: name the address that it leads to.")
    asked = next((value for name, value in answer.headers if name.lower() == b"retry-after"), b"")
    raise DeliveryFailed(
        f"{said}.", permanent=400 <= status < 500 and status not in _AGAIN, retry_after=_retry_after(asked)
    )


def _retry_after(written: bytes) -> float:
    """Seconds from now, from a number of them or a date; 0 for anything else."""
    text = written.decode("latin-1").strip()
    if text.isdecimal() and text.isascii():
        return min(float(text), _LONGEST_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - now()).total_seconds()
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER)


def _no_answer(error: Exception) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"The webhook's certificate cannot be trusted: {cause.verify_message or 'it is not valid'}."
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpcore.ConnectError):
        return "The webhook cannot be reached."
    return "The webhook hung up without a proper answer."
