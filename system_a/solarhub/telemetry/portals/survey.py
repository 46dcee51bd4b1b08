"""How a sheet's numbers and dates are written, found out before they are read. Pure."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from solarhub.telemetry.portals import numbers
from solarhub.telemetry.portals.clock import Forms, ordered
from solarhub.telemetry.portals.maps import DateOrder, Mark, PortalMap
from solarhub.telemetry.portals.roster import Device
from solarhub.telemetry.portals.shapes import Shape
from solarhub.telemetry.portals.sheets import BadLine, Cell, joined

_SURVEYED = 2_000
"""Rows that are looked at to find out how numbers are written."""


class Wish(NamedTuple):
    """What whoever brings a file says of it. `zone`: instead of the map's."""

    zone: str | None = None
    order: DateOrder | None = None
    mark: Mark | None = None
    device: Device | None = None
    """All of the file is this one's."""


class Survey:
    """How a sheet's numbers and dates are written, found out before they are read."""

    def __init__(self, portal: PortalMap, wish: Wish, shape: Shape) -> None:
        formats = ordered(shape.table.time.formats, wish.order)
        forms = Forms(list(formats or shape.table.time.formats), shape.table.time.endings)
        wanted = wish.mark or portal.mark
        places = [bound.place for bound in shape.columns] if shape.long is None else [shape.long.value]
        cells: list[str] = []
        rows = _quietly(shape)
        for row in islice(rows, _SURVEYED):
            forms.narrow(joined(row, shape.time))
            if wanted is Mark.AUTO:
                cells += [cell for place in places if place < len(row) and isinstance(cell := row[place], str)]
        if forms.is_open:
            for row in rows:
                if not forms.narrow(joined(row, shape.time)):
                    break
        self.order_is_open = forms.is_open
        self.formats = forms.left
        self.mark = (
            numbers.mark_of(cells, parted_by_commas=shape.sheet.parted_by_commas) if wanted is Mark.AUTO else wanted
        )


def _quietly(shape: Shape) -> Iterator[Sequence[Cell]]:
    rows = shape.sheet.open()
    while True:
        try:
            line, cells = next(rows)
        except StopIteration:
            return
        except BadLine:
            continue
        if line > shape.header_line:
            yield cells
