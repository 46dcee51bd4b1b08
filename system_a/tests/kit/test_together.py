"""Many who ask at the same time: one question, everybody's own answer."""

import asyncio
from collections.abc import Mapping, Sequence

from solarhub.kit.together import Together


class Asked:
    """Answers with the square, knows nothing of odd numbers, and remembers what it was asked."""

    def __init__(self) -> None:
        self.questions: list[list[int]] = []
        self.broken = False

    async def __call__(self, keys: Sequence[int]) -> Mapping[int, int]:
        self.questions.append(sorted(keys))
        await asyncio.sleep(0)
        if self.broken:
            raise ConnectionError("away")
        return {key: key * key for key in keys if key % 2 == 0}


async def test_those_who_ask_together_are_asked_for_once() -> None:
    asked = Asked()
    together = Together(asked, gather_seconds=0)

    answers = await asyncio.gather(*(together.get(key) for key in (2, 3, 4, 2)))

    assert answers == [4, None, 16, 4]
    assert asked.questions == [[2, 3, 4]]
    assert await together.get(6) == 36
    assert len(asked.questions) == 2


async def test_too_many_are_asked_for_in_turn() -> None:
    asked = Asked()
    together = Together(asked, gather_seconds=0, most=3)

    answers = await asyncio.gather(*(together.get(2 * key) for key in range(7)))

    assert answers == [4 * key * key for key in range(7)]
    assert [len(question) for question in asked.questions] == [3, 3, 1]


async def test_what_goes_wrong_is_told_to_all_who_asked_and_to_nobody_after_them() -> None:
    asked = Asked()
    together = Together(asked, gather_seconds=0)
    asked.broken = True

    answers = await asyncio.gather(together.get(2), together.get(4), return_exceptions=True)

    assert [type(answer) for answer in answers] == [ConnectionError, ConnectionError]
    asked.broken = False
    assert await together.get(2) == 4


async def test_who_gives_up_leaves_the_others_their_answer() -> None:
    together = Together(Asked(), gather_seconds=0)
    impatient, patient = (asyncio.create_task(together.get(2)) for _ in range(2))
    await asyncio.sleep(0)
    impatient.cancel()

    assert await patient == 4
