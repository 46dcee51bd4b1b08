"""What is computed beside the hub."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from solarhub.kit.aside import NICENESS, Beside, aside


@pytest.fixture
def beside() -> Iterator[Beside]:
    one = Beside(idle_seconds=60)
    yield one
    if one.process_id is not None:
        os.kill(one.process_id, signal.SIGKILL)


def where() -> tuple[int, int]:
    return os.getpid(), os.getpriority(os.PRIO_PROCESS, 0)


def doubled(numbers: np.ndarray) -> np.ndarray:
    return numbers * 2


def printed(text: str) -> str:
    print(text)  # noqa: T201  it must not come between question and answer
    return text.upper()


def refused() -> None:
    raise ValueError("not of this kind")


def unsendable() -> object:
    return lambda: None


def dead_once(trace: str) -> str:
    path = Path(trace)
    if not path.exists():
        path.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def dead() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def test_work_is_done_in_a_patient_process_of_its_own() -> None:
    process_id, niceness = await aside(where)

    assert process_id != os.getpid()
    assert niceness == os.getpriority(os.PRIO_PROCESS, 0) + NICENESS


def test_large_arrays_go_there_and_come_back(beside: Beside) -> None:
    numbers = np.arange(3_000_000.0)

    assert np.array_equal(beside.ask(doubled, (numbers,)), numbers * 2)


def test_many_who_ask_at_once_are_each_given_their_own_answer(beside: Beside) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda number: beside.ask(doubled, (np.array([number]),)), range(100)))

    assert [int(answer[0]) for answer in answers] == [2 * number for number in range(100)]


def test_what_the_work_prints_is_not_taken_for_its_answer(beside: Beside) -> None:
    assert beside.ask(printed, ("loud",)) == "LOUD"


def test_an_error_of_the_work_is_the_askers_and_the_process_goes_on(beside: Beside) -> None:
    with pytest.raises(ValueError, match="not of this kind"):
        beside.ask(refused, ())
    process_id = beside.process_id

    assert beside.ask(where, ())[0] == process_id


def test_an_answer_that_cannot_be_brought_back_is_an_error_of_its_own(beside: Beside) -> None:
    with pytest.raises(RuntimeError, match="cannot be brought back"):
        beside.ask(unsendable, ())


def test_a_process_that_was_killed_at_its_work_is_followed_by_another(beside: Beside, tmp_path: Path) -> None:
    assert beside.ask(dead_once, (str(tmp_path / "died"),)) == "done"


def test_work_that_kills_every_process_is_given_up(beside: Beside) -> None:
    with pytest.raises(ChildProcessError, match="twice"):
        beside.ask(dead, ())

    assert beside.ask(printed, ("after",)) == "AFTER"


def test_a_process_with_nothing_to_do_ends_and_leaves_no_trace() -> None:
    beside = Beside(idle_seconds=0.05)
    process_id, _ = beside.ask(where, ())
    _wait_until_gone(process_id)

    assert beside.ask(printed, ("again",)) == "AGAIN"


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, None])
def test_it_does_not_outlive_the_hub(how: signal.Signals | None) -> None:
    hub = subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(
                """
                import os, sys, time
                from solarhub.kit.aside import Beside
                print(Beside(600).ask(os.getpid, ()), flush=True)
                sys.stdin.read()
                """
            ),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert hub.stdin is not None
    assert hub.stdout is not None
    process_id = int(hub.stdout.readline())
    if how is None:
        hub.stdin.close()
    else:
        hub.send_signal(how)
    hub.wait(10)

    _wait_until_gone(process_id)
    hub.stdout.close()
    hub.stdin.close()


def _wait_until_gone(process_id: int) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            os.kill(process_id, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)
    raise AssertionError("the process is still there")
