import asyncio
import threading
from typing import Literal

import pytest

from solarhub.accounts.models import NO_PASSWORD
from solarhub.accounts.passwords import HASHER, Passwords
from solarhub.kit.errors import Invalid, Unavailable
from tests.accounts.front_desk import PASSWORD, QuickHasher


def test_the_parameters_are_those_that_were_chosen() -> None:
    made = HASHER.hash("x")
    assert made.startswith("$argon2id$v=19$m=47104,t=1,p=1$")


async def test_a_password_is_known_however_it_was_composed() -> None:
    passwords = Passwords(QuickHasher())
    made = await passwords.hashed("caf\u00e9 au lait, s'il")
    assert await passwords.matches(made, "cafe\u0301 au lait, s'il")
    assert not await passwords.matches(made, "cafe au lait, s'il")


async def test_no_character_of_a_long_password_is_left_out() -> None:
    passwords = Passwords(QuickHasher())
    made = await passwords.hashed("x" * 127 + "y")
    assert not await passwords.matches(made, "x" * 127 + "z")
    assert not await passwords.matches(made, "x" * 127)


@pytest.mark.parametrize(
    "kept", [None, NO_PASSWORD, "not a hash", ""], ids=["nobody", "no password", "garbage", "empty"]
)
async def test_without_a_password_the_same_work_is_done_and_nothing_matches(kept: str | None) -> None:
    hasher = QuickHasher()
    passwords = Passwords(hasher)
    await passwords.matches(None, "first")
    hasher.hashes = hasher.verifications = 0
    assert not await passwords.matches(kept, PASSWORD)
    assert (hasher.hashes, hasher.verifications) == (0, 1)


async def test_a_hash_of_other_parameters_is_outdated() -> None:
    old, new = Passwords(QuickHasher(8)), Passwords(QuickHasher(16))
    made = await old.hashed(PASSWORD)
    assert new.is_outdated(made)
    assert not old.is_outdated(made)
    assert await new.matches(made, PASSWORD)


async def test_a_password_that_is_not_taken_is_not_shown() -> None:
    with pytest.raises(Invalid) as refusal:
        await Passwords(QuickHasher()).chosen("ayesha2024!!", ["ayesha"], field="password")
    assert [(error.field, error.value) for error in refusal.value.errors] == [("password", "***")]
    assert "ayesha2024" not in str(refusal.value.document())


class _Held(QuickHasher):
    """Works until it is let go, and knows how many worked at once."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()
        self.lock = threading.Lock()
        self.at_once = self.most_at_once = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - its parent names it so
        with self.lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        self.go.wait(10)
        with self.lock:
            self.at_once -= 1
        return super().verify(hash, password)


async def test_two_hashes_are_worked_out_at_once_and_who_comes_when_too_many_wait_is_told_when_to_return() -> None:
    hasher = _Held()
    passwords = Passwords(hasher, at_once=2, most_waiting=3)
    made = QuickHasher().hash(PASSWORD)
    tries = [asyncio.create_task(passwords.matches(made, PASSWORD)) for _ in range(5)]
    await asyncio.sleep(0.02)
    with pytest.raises(Unavailable) as refusal:
        await passwords.matches(made, PASSWORD)
    assert refusal.value.retry_after > 0
    hasher.go.set()
    assert await asyncio.gather(*tries) == [True] * 5
    assert hasher.most_at_once == 2
    assert await passwords.matches(made, PASSWORD)


async def test_requests_that_are_given_up_make_room_only_when_their_hash_is_done() -> None:
    hasher = _Held()
    passwords = Passwords(hasher, at_once=1, most_waiting=0)
    made = QuickHasher().hash(PASSWORD)
    given_up = asyncio.create_task(passwords.matches(made, PASSWORD))
    await asyncio.sleep(0.02)
    given_up.cancel()
    with pytest.raises(Unavailable):
        await passwords.matches(made, PASSWORD)
    hasher.go.set()
    async with asyncio.timeout(5):
        while True:
            try:
                assert await passwords.matches(made, PASSWORD)
                break
            except Unavailable:
                await asyncio.sleep(0.01)
