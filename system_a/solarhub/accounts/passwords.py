"""Hashing of passwords: argon2id, a few at a time, so that a flood of sign-ins takes not all memory and cores."""

import secrets
from asyncio import wrap_future
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import BoundedSemaphore
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from solarhub.accounts.models import NO_PASSWORD
from solarhub.accounts.password_rules import ALLOWED, normal, trouble
from solarhub.kit.errors import FieldError, Invalid, Unavailable
from solarhub.kit.refusals import HIDDEN

HASHER = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1, hash_len=32, salt_len=16, type=Type.ID)
"""46 MiB, one pass, one lane: the first set that OWASP ASVS 5.0 (appendix C) approves of, about 45 ms on one core."""

_AT_ONCE = 2
_MOST_WAITING = 40

T = TypeVar("T")


class Passwords:
    """Makes and checks hashes in threads of its own; who comes while too many wait is sent away for a moment."""

    def __init__(
        self, hasher: PasswordHasher = HASHER, *, at_once: int = _AT_ONCE, most_waiting: int = _MOST_WAITING
    ) -> None:
        self._hasher = hasher
        # threads, and not a semaphore over borrowed ones: a request that is cancelled leaves its hash running
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="argon2")
        self._places = BoundedSemaphore(at_once + most_waiting)
        self._nobodys: str | None = None

    async def hashed(self, password: str) -> str:
        """The hash to keep. Raises Unavailable when too many wait."""
        return await self._in_thread(partial(self._hasher.hash, normal(password)))

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether it is the password; without a hash, the same work is done for nothing. Raises Unavailable."""
        return await self._in_thread(partial(self._verify, password_hash, normal(password)))

    def is_outdated(self, password_hash: str) -> bool:
        """Whether it was made with other parameters than today's: make a new one while the password is at hand."""
        return self._hasher.check_needs_rehash(password_hash)

    async def chosen(self, password: str, own_words: Iterable[str], *, field: str = "password") -> str:
        """The hash of a password that somebody chooses. Raises Invalid, naming `field`, for one that is not taken."""
        wrong = trouble(password, own_words)
        if wrong is not None:
            raise Invalid([FieldError(field, HIDDEN, wrong, ALLOWED)])
        return await self.hashed(password)

    def _verify(self, password_hash: str | None, password: str) -> bool:
        # made by whoever comes first, account or none, so that its cost tells nothing
        self._nobodys = self._nobodys or self._hasher.hash(secrets.token_urlsafe(24))
        theirs = password_hash if password_hash != NO_PASSWORD else None
        try:
            matches = self._hasher.verify(theirs or self._nobodys, password)
        except (VerificationError, InvalidHashError):
            return False
        # verify is never false: it raises
        return matches if theirs is not None else False

    async def _in_thread(self, work: Callable[[], T]) -> T:
        if not self._places.acquire(blocking=False):
            raise Unavailable("Too many people sign in at this moment; try again shortly.", retry_after=2)
        running = self._threads.submit(work)
        running.add_done_callback(lambda _done: self._places.release())
        return await wrap_future(running)
