"""Cells of one column, turned into numbers; the same cell comes again and again. Pure."""

from dataclasses import dataclass, field
from math import isfinite, nan
from typing import NamedTuple

from solarhub.drivers.dialects.mapping import Field
from solarhub.telemetry.portals import numbers
from solarhub.telemetry.portals.maps import Mark
from solarhub.telemetry.portals.sheets import Cell
from solarhub.telemetry.portals.telling import Trouble

NOTHING = frozenset(
    {
        "", "-", "--", "---", "/", "N/A", "n/a", "NA", "NaN", "nan", "null", "NULL", "None",
        "#N/A", "#VALUE!", "#DIV/0!", "#REF!",
    }
)  # fmt: skip
"""Cells that say nothing in any portal."""


class Refused(NamedTuple):
    """A cell of which nothing is taken."""

    trouble: Trouble
    reason: str


@dataclass(slots=True)
class CellReader:
    """Turns cells of one column into numbers; the same cell comes again and again."""

    how: Field
    mark: Mark
    known: dict[object, float | Refused] = field(default_factory=dict)
    sentinels: frozenset[float] = frozenset()

    def __post_init__(self) -> None:
        values = (numbers.number(text, Mark.POINT) for text in self.how.nothing)
        self.sentinels = frozenset(value for value in values if value is not None)

    def read(self, cell: Cell) -> float | Refused:
        """In the catalogue's unit; NaN for nothing."""
        found = self.known.get(cell)
        if found is None:
            found = self._read(cell)
            if len(self.known) < 50_000:
                self.known[cell] = found
        return found

    def _read(self, cell: Cell) -> float | Refused:
        text = _text(cell)
        if text is None or text in NOTHING or text in self.how.nothing:
            return nan
        if self.how.words:
            return self._word(text)
        number = numbers.number(text, self.mark) if isinstance(cell, str) else _plain(cell)
        if number is None:
            return Refused(Trouble.NOT_A_NUMBER, "is not a number")
        if number in self.sentinels or number != number:  # noqa: PLR0124 - NaN alone differs from itself
            return nan
        scaled = self.how.scale.of(number) if isfinite(number) else number
        return scaled if isfinite(scaled) else Refused(Trouble.NOT_A_NUMBER, "is not finite or too large")

    def _word(self, text: str) -> float | Refused:
        found = self.how.words.get(text.lower())
        if found is not None:
            return found
        if self.how.others_nothing:
            return nan
        return Refused(Trouble.UNKNOWN_WORD, f"is none of the words that the map knows: {', '.join(self.how.words)}")


def _text(cell: Cell) -> str | None:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return None if cell is None else str(cell).strip()


def _plain(cell: Cell) -> float | None:
    return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else None
