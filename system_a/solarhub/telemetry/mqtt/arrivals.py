"""When messages came that do not say when they were written.

A message comes again where its acknowledgement was lost, as by `kill -9` between COMMIT and PUBACK. One with a time of
its own is then a repetition of a row that is there, and costs nothing. One without must get the same time again, or the
same reading would stand there twice: so its time is written down before it is stored.
"""

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from struct import Struct
from typing import NamedTuple

from solarhub.drivers.mqtt import Message
from solarhub.kit.clock import now
from solarhub.kit.db import Database, transaction
from solarhub.telemetry.queries import mqtt as queries

KEPT = timedelta(minutes=1)
"""So long after its acknowledgement a message may still come again: that may lie in a socket that broke."""
MOST_REMEMBERED = 45_000
"""Messages: more than may be on their way at once, and far fewer than a session has numbers for."""

_MARK = Struct("!HH8s")


class Mark(NamedTuple):
    """A message by its number in the session, so many microseconds after its batch, with its hash."""

    packet_id: int
    offset: int
    digest: bytes


def mark(message: Message, offset: int) -> Mark:
    return Mark(message.packet_id, offset, _digest(message))


class Arrivals:
    """The ledger of one session. Nothing that is dated, and nothing of QoS 0, stands in it."""

    def __init__(self, database: Database, client_id: str) -> None:
        """`database` logs in as solarhub_worker."""
        self._database = database
        self._client_id = client_id
        self._known: dict[int, tuple[bytes, datetime]] = {}
        self._open: deque[datetime] = deque()
        self._is_loaded = False

    async def load(self) -> None:
        """What an earlier life of the hub wrote down. Raises Unavailable."""
        if self._is_loaded:
            return
        async with transaction(self._database) as worker:
            for at, marks in await queries.arrivals(worker, self._client_id):
                self._remember(at, [Mark(*each) for each in _MARK.iter_unpack(marks)])
        self._is_loaded = True

    def earlier(self, message: Message) -> datetime | None:
        """When a message that comes again came first; None for one that is new, or carries its own time."""
        if not message.repeated:
            return None
        digest, at = self._known.get(message.packet_id, (b"", None))
        return at if at is not None and digest == _digest(message) else None

    async def note(self, at: datetime, marks: Sequence[Mark]) -> None:
        """Returns once it is on disk that these came at `at` and a little after. Raises Unavailable."""
        before = min(self._open[0] if self._open else at, now() - KEPT)
        async with transaction(self._database) as worker:
            packed = b"".join(_MARK.pack(*each) for each in marks)
            await queries.note_arrival(worker, self._client_id, at, packed, forget_before=before)
        self._remember(at, marks)
        self._open.append(at)

    def settled(self, at: datetime) -> None:
        """What came until then is acknowledged."""
        while self._open and self._open[0] <= at:
            self._open.popleft()

    def _remember(self, at: datetime, marks: Sequence[Mark]) -> None:
        for packet_id, offset, digest in marks:
            self._known.pop(packet_id, None)
            self._known[packet_id] = (digest, at + timedelta(microseconds=offset))
        while len(self._known) > MOST_REMEMBERED:
            del self._known[next(iter(self._known))]


def _digest(message: Message) -> bytes:
    return blake2b(len(message.topic).to_bytes(2, "big") + message.topic + message.payload, digest_size=8).digest()
