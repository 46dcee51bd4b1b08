"""A small HTTP server that takes samples as the hub does, and that fails in the ways a network and a hub fail."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from enum import Enum, auto
from typing import Any


class Fault(Enum):
    """What happens to one request."""

    NONE = auto()
    HANGS_UP_BEFORE_STORING = auto()
    HANGS_UP_AFTER_STORING = auto()
    BUSY = auto()
    BROKEN = auto()
    REFUSES = auto()


class FaultyHub:
    """`arrivals`: per token the timestamps in the order in which they were stored first."""

    def __init__(self, faults: Iterator[Fault]) -> None:
        self.arrivals: dict[str, list[str]] = defaultdict(list)
        self.acknowledged: dict[str, set[str]] = defaultdict(set)
        self.requests = 0
        self.largest_batch = 0
        self.url = ""
        self._faults = faults

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await self._read(reader)) is not None:
                self.requests += 1
                answer = self._answer(*request, next(self._faults, Fault.NONE))
                if answer is None:
                    break
                writer.write(answer)
                await writer.drain()
        finally:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> tuple[str, dict[str, Any]] | None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
        except asyncio.IncompleteReadError:
            return None
        headers = dict(line.lower().split(": ", 1) for line in head.splitlines()[1:] if line)
        body: dict[str, Any] = json.loads(await reader.readexactly(int(headers["content-length"])))
        return headers["authorization"].removeprefix("bearer "), body

    def _answer(self, token: str, body: dict[str, Any], fault: Fault) -> bytes | None:
        if fault is Fault.HANGS_UP_BEFORE_STORING:
            return None
        if fault is Fault.BUSY:
            return _response("503 Service Unavailable", {"detail": "The queue is full."}, "Retry-After: 0\r\n")
        if fault is Fault.BROKEN:
            return _response("500 Internal Server Error", {"detail": "Something went wrong on our side."})
        if fault is Fault.REFUSES:
            return _response("401 Unauthorized", {"detail": "The sender is not known here."})
        samples = body.get("samples", [body])
        self.largest_batch = max(self.largest_batch, len(samples))
        new = [sample["timestamp"] for sample in samples if sample["timestamp"] not in self.arrivals[token]]
        self.arrivals[token] += new
        if fault is Fault.HANGS_UP_AFTER_STORING:
            return None
        self.acknowledged[token].update(sample["timestamp"] for sample in samples)
        return _response("200 OK", {"stored": len(new), "duplicates": len(samples) - len(new), "quarantined": []})


def _response(status: str, document: dict[str, Any], headers: str = "") -> bytes:
    body = json.dumps(document).encode()
    return (
        f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{headers}content-length: {len(body)}\r\n\r\n".encode()
        + body
    )


@asynccontextmanager
async def faulty_hub(faults: Iterator[Fault]) -> AsyncIterator[FaultyHub]:
    """Serves on a free loopback port until the block ends."""
    hub = FaultyHub(faults)
    server = await asyncio.start_server(hub.serve, "127.0.0.1", 0)
    hub.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield hub
    finally:
        server.close()
