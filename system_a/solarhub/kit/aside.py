"""Long work of the processor alone, in a process beside this one: here the event loop keeps its turns meanwhile.

A thread would not do: whoever computes in Python holds the interpreter, and everybody who sends or asks waits for it.
The process begins when there is something to do, gives way to whatever else the machine has to do, and ends when it
had nothing to do for a while, or when this one is gone, however that came.
"""

import asyncio
import os
import pickle
import select
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any, TypeVar, cast

T = TypeVar("T")

NICENESS = 10
"""A tenth of what others get who want the same processor."""
IDLE_SECONDS = 20.0
_LENGTH_BYTES = 8


async def aside(work: Callable[..., T], *given: object) -> T:
    """What `work(*given)` returns or raises, worked out elsewhere; one after another, whoever asks.

    `work` is a function of a module, and may be done twice: nothing but its answer is to come of it. Raises OSError
    where the process cannot be started, and ChildProcessError where it died twice, as of too little memory.
    """
    return await asyncio.to_thread(_BESIDE.ask, work, given)


class Beside:
    """The process, and whoever waits for it."""

    def __init__(self, idle_seconds: float = IDLE_SECONDS) -> None:
        self._idle_seconds = idle_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()

    @property
    def process_id(self) -> int | None:
        """Of the process that works, or waits for more; None: there is none."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def ask(self, work: Callable[..., T], given: tuple[object, ...]) -> T:
        """Blocks until it is done, and before that until it is this one's turn. As `aside`."""
        told = pickle.dumps((work, given), protocol=pickle.HIGHEST_PROTOCOL)
        with self._turn:
            # one that has just left for want of work, or was killed, is followed by another
            answer = self._once(told) or self._once(told)
        if answer is None:
            raise ChildProcessError("the process that computes beside the hub died of its work, twice")
        returned, failed = pickle.loads(answer)  # noqa: S301  written by this module
        if failed is not None:
            raise failed
        return cast("T", returned)

    def _once(self, told: bytes) -> bytes | None:
        process = self._process
        if process is None or process.poll() is not None:
            process = self._process = self._started()
        answer = None
        with suppress(ConnectionError, ValueError):  # it left, and its pipes may be closed already
            _write(cast("IO[bytes]", process.stdin), told)
            answer = _read(cast("IO[bytes]", process.stdout))
        if answer is None:
            process.kill()
            process.wait()
        return answer

    def _started(self) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(self._idle_seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            # what the terminal sends to the hub's group is for the hub, which ends its work first
            start_new_session=True,
        )
        threading.Thread(target=_bury, args=(process,), name="aside", daemon=True).start()
        return process


def _bury(process: "subprocess.Popen[bytes]") -> None:
    """So that one that has left does not stay in the list of processes."""
    process.wait()
    for pipe in (process.stdin, process.stdout):
        # closed by whoever is at it, if anybody is
        with suppress(OSError, ValueError):
            cast("IO[bytes]", pipe).close()


def _write(pipe: IO[bytes], told: bytes) -> None:
    pipe.write(len(told).to_bytes(_LENGTH_BYTES))
    pipe.write(told)
    pipe.flush()


def _read(pipe: IO[bytes]) -> bytes | None:
    """None: nothing more comes."""
    length = pipe.read(_LENGTH_BYTES)
    if len(length) < _LENGTH_BYTES:
        return None
    wanted = int.from_bytes(length)
    told = pipe.read(wanted)
    return told if len(told) == wanted else None


_BESIDE = Beside()


# ------------------------------------------------------------------------------------------------ in the other process


def _serve(idle_seconds: float) -> None:
    os.nice(NICENESS)
    hub, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever is printed must not come between
    while select.select([hub], [], [], idle_seconds)[0]:
        told = _read(hub)
        if told is None:
            return
        answer = _done(told)
        del told
        _write(answers, answer)


def _done(told: bytes) -> bytes:
    returned: Any = None
    failed: Exception | None = None
    try:
        work, given = pickle.loads(told)  # noqa: S301  written by the hub that started this
        returned = work(*given)
    except Exception as error:  # noqa: BLE001  whatever it is, it is the asker's to know
        failed = error
    try:
        return pickle.dumps((returned, failed), protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # noqa: BLE001  an answer, or an error, that cannot be sent
        return pickle.dumps((None, RuntimeError(f"{failed or returned!r} cannot be brought back: {error}")))


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        _serve(float(sys.argv[1]))
