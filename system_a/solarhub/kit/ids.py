"""UUIDs of version 7 (RFC 9562): they sort by the time they were made, so that an index grows at its right edge."""

import secrets
import threading
import time
from collections.abc import Callable
from uuid import UUID

_COUNTER_BITS = 42
_TAIL_BITS = 32


class Generator:
    """48 bits of milliseconds, a 42-bit counter, 32 random bits: RFC 9562, section 6.2, method 1.

    Each id is greater than the one before it, also within one millisecond and when the clock is set back.
    """

    def __init__(self, milliseconds_now: Callable[[], int]) -> None:
        self._milliseconds_now = milliseconds_now
        self._lock = threading.Lock()
        self._milliseconds = 0
        self._counter = 0

    def next(self) -> UUID:
        with self._lock:
            milliseconds = self._milliseconds_now()
            if milliseconds > self._milliseconds:
                self._milliseconds = milliseconds
                # The top bit starts at 0: 2^41 ids fit into a millisecond before the counter could run over.
                self._counter = secrets.randbits(_COUNTER_BITS - 1)
            else:
                self._counter += 1
                if self._counter >> _COUNTER_BITS:
                    self._milliseconds += 1
                    self._counter = secrets.randbits(_COUNTER_BITS - 1)
            return _assemble(self._milliseconds, self._counter, secrets.randbits(_TAIL_BITS))


def _assemble(milliseconds: int, counter: int, tail: int) -> UUID:
    version, variant = 0b0111, 0b10
    high, low = counter >> 30, counter & (2**30 - 1)  # 12 bits before the variant, 30 after it
    return UUID(int=milliseconds << 80 | version << 76 | high << 64 | variant << 62 | low << _TAIL_BITS | tail)


uuid7 = Generator(lambda: time.time_ns() // 1_000_000).next
