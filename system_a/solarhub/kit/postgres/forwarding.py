"""A door in the network to the embedded server's socket, for logins of one kind and nobody else.

The server itself serves no network and trusts the hub's own users at its socket. What comes through here therefore
says first who it wants to be, as PostgreSQL's protocol has it, and is passed on only as somebody who is asked for a
password.
"""

import asyncio
import contextlib
import struct
from collections.abc import Callable
from pathlib import Path

_PROTOCOL = 3
_SSL, _GSS, _CANCEL = 80_877_103, 80_877_104, 80_877_102
_LONGEST = 10_000
_PATIENCE_SECONDS = 10.0
_CHUNK = 1 << 16


class Refused(Exception):  # noqa: N818 - says what becomes of whoever knocked
    """The first message is none that is let in."""


async def serve(
    host: str, port: int, socket: Path, admits: Callable[[str], bool], stop: asyncio.Event, *, most: int = 50
) -> None:
    """Until `stop` is set, which ends every connection. `admits` says by its name whether a login is let in.

    `most` connections at a time; who comes after that waits.
    """
    open_ones = asyncio.Semaphore(most)
    visits: set[asyncio.Task[None]] = set()

    async def visited(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with open_ones:
                with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
                    await _pass(reader, writer, socket, admits)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def knocked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visit = asyncio.create_task(visited(reader, writer))
        visits.add(visit)
        visit.add_done_callback(visits.discard)

    server = await asyncio.start_server(knocked, host, port)
    try:
        await stop.wait()
    finally:
        server.close()
        for visit in visits:
            visit.cancel()
        await asyncio.gather(*visits, return_exceptions=True)


async def _pass(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, socket: Path, admits: Callable[[str], bool]
) -> None:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            first, login = await _first_message(reader, writer)
    except Refused:
        return
    if not admits(login):
        writer.write(_error("28000", "this address is for readers of one organization: solarhub readers add"))
        await writer.drain()
        return
    inside, outside = await asyncio.open_unix_connection(str(socket))
    outside.write(first)
    try:
        async with asyncio.TaskGroup() as both:
            both.create_task(_carry(reader, outside))
            both.create_task(_carry(inside, writer))
    except* OSError:
        pass
    finally:
        outside.close()


async def _first_message(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[bytes, str]:
    """As it came, and who it wants to be. Offers of encryption are declined first, as the protocol has it."""
    while True:
        head = await reader.readexactly(8)
        length, code = struct.unpack("!ii", head)
        if code in (_SSL, _GSS):
            writer.write(b"N")
            await writer.drain()
            continue
        if code == _CANCEL or code >> 16 != _PROTOCOL or not 8 < length <= _LONGEST:
            raise Refused
        body = await reader.readexactly(length - 8)
        words = body.split(b"\x00")
        told = dict(zip(words[::2], words[1::2], strict=False))
        return head + body, told.get(b"user", b"").decode("utf-8", "replace")


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while chunk := await source.read(_CHUNK):
        target.write(chunk)
        await target.drain()
    with contextlib.suppress(OSError):
        target.write_eof()


def _error(state: str, sentence: str) -> bytes:
    fields = b"SFATAL\x00VFATAL\x00C" + state.encode() + b"\x00M" + sentence.encode() + b"\x00\x00"
    return b"E" + struct.pack("!i", len(fields) + 4) + fields
