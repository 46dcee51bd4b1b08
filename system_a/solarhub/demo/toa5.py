"""TOA5, the table that Campbell data loggers write: four lines of header, then comma-separated rows."""

import csv
from collections.abc import Iterator
from datetime import datetime, tzinfo
from pathlib import Path

Row = dict[str, float]


def read_toa5(path: Path, clock: tzinfo) -> Iterator[tuple[datetime, Row]]:
    """Each row's instant, by the logger's `clock`, and its numbers by column name. Times are like `11/11/2015 0:01`."""
    with path.open(encoding="ascii", newline="") as file:
        lines = csv.reader(file)
        next(lines)  # which logger wrote it
        columns = next(lines)
        next(lines)  # units
        next(lines)  # how each was sampled
        for line in lines:
            at = datetime.strptime(line[0], "%m/%d/%Y %H:%M").replace(tzinfo=clock)
            yield at, dict(zip(columns[1:], map(float, line[1:]), strict=True))
