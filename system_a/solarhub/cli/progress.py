"""How far something is: a bar on a terminal, a line for each tenth elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn


@contextmanager
def shown() -> Iterator[Callable[[str, float], None]]:
    """Gives what is to be told: what is being done, and how much of the whole is, from 0 to 1."""
    if not sys.stderr.isatty():
        yield _in_lines()
        return
    columns = (BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda what, share: bar.update(task, completed=share, description=what)


def _in_lines() -> Callable[[str, float], None]:
    told = -1

    def tell(what: str, share: float) -> None:
        nonlocal told
        tenth = int(share * 10)
        if tenth > told:
            told = tenth
            print(f"{tenth * 10:3d} %  {what}", file=sys.stderr, flush=True)

    return tell
