"""Many who ask at the same time ask as one."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Together(Generic[K, V]):
    """Keys that are asked for within some milliseconds, or while a question is under way, make up the next one."""

    def __init__(
        self,
        ask: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]],
        *,
        gather_seconds: float = 0.004,
        most: int = 1_000,
    ) -> None:
        """`ask` answers up to `most` keys at once; what it leaves out is None. What it raises, everybody is told."""
        self._ask = ask
        self._gather_seconds = gather_seconds
        self._most = most
        self._waiting: dict[K, asyncio.Future[V | None]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def get(self, key: K) -> V | None:
        """The answer for one key."""
        answer = self._waiting.get(key)
        if answer is None:
            answer = self._waiting[key] = asyncio.get_running_loop().create_future()
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._run())
        return await asyncio.shield(answer)  # others may wait for the same

    async def _run(self) -> None:
        while self._waiting:
            await asyncio.sleep(self._gather_seconds)
            keys = list(self._waiting)[: self._most]
            answers = {key: self._waiting.pop(key) for key in keys}
            try:
                found = await self._ask(keys)
            except Exception as error:  # noqa: BLE001 - whoever asked handles it, as if they had asked alone
                for answer in answers.values():
                    answer.set_exception(error)
                    answer.exception()  # nobody may be left who looks
            else:
                for key, answer in answers.items():
                    answer.set_result(found.get(key))
