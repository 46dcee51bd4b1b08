"""A curve in one line of text."""

from collections.abc import Iterable
from datetime import datetime, timedelta

BLOCKS = " ▁▂▃▄▅▆▇█"
ASCII = " ._-=+*#@"


def sparkline(
    points: Iterable[tuple[datetime, float]],
    *,
    first: datetime,
    last: datetime,
    full: float,
    width: int,
    levels: str = BLOCKS,
) -> str:
    """`width` characters from `first` to `last`: each as high as the mean of its span, blank where there is none.

    What is not positive is drawn as nothing, what exceeds `full` as full.
    """
    span = max((last - first) / width, timedelta(microseconds=1))
    columns: list[list[float]] = [[] for _ in range(width)]
    for at, value in points:
        columns[min(int((at - first) / span), width - 1)].append(value)
    return "".join(_level(sum(column) / len(column) / full, levels) if column else " " for column in columns)


def _level(share: float, levels: str) -> str:
    if share <= 0:
        return levels[0]
    return levels[max(1, min(round(share * (len(levels) - 1)), len(levels) - 1))]
