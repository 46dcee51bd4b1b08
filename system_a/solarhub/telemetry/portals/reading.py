"""From a file to rows of devices, in a thread and piece by piece: no more than a piece is in memory.

Pure, but for the file that it reads.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import BinaryIO

from solarhub.metrics import Catalogue
from solarhub.telemetry.batch import microseconds
from solarhub.telemetry.portals.heaps import Heap, LongHeap, Piece
from solarhub.telemetry.portals.maps import PortalMap
from solarhub.telemetry.portals.roster import Roster
from solarhub.telemetry.portals.rows import Clocks, Context, Taker
from solarhub.telemetry.portals.shapes import Shape, shapes
from solarhub.telemetry.portals.sheets import BadLine, Cell, opened
from solarhub.telemetry.portals.survey import Survey, Wish
from solarhub.telemetry.portals.telling import FileTold, Trouble
from solarhub.telemetry.sample import FURTHEST_AHEAD

ROWS_AT_ONCE = 40_000
"""Rows in memory: of 20 columns each they are 6 MB."""
_STEP = 5_000
"""Rows between two looks at whoever waits for the thread."""


class Reading:
    """A file on its way in. `told` is what is known of it so far."""

    def __init__(  # noqa: PLR0917 - what is read, by what, for whom, and when
        self, source: BinaryIO, file_name: str, portal: PortalMap, roster: Roster, catalogue: Catalogue, now: datetime,
        wish: Wish,
    ) -> None:  # fmt: skip
        self.source = source
        self.file_name = file_name
        self.portal = portal
        self.wish = wish
        self.told = FileTold()
        latest = microseconds(now + FURTHEST_AHEAD)
        self._context = Context(roster, catalogue, portal.nothing, latest, wish.device)
        self._sheet_share = 0.0

    @property
    def share(self) -> float:
        """How much of the file was read, from 0 to 1; of an archive, of its present member."""
        return self._sheet_share

    def check(self) -> None:
        """Raises Unreadable and TooLarge for what is no such export, or begins as none."""
        for file in opened(self.source, self.file_name, self.portal.kinds, self.portal.encodings):
            shapes(file, self.portal, self._context.catalogue)
            return

    def pieces(self) -> Iterator[Sequence[Piece]]:
        """What is to be stored, a few tens of thousands of rows at a time; none of it now and then, for a pause.

        Raises Unreadable and TooLarge for a file that is no such export at all.
        """
        for file in opened(self.source, self.file_name, self.portal.kinds, self.portal.encodings):
            for shape in shapes(file, self.portal, self._context.catalogue):
                self.told.enter(shape)
                yield from self._sheet(shape)

    def _sheet(self, shape: Shape) -> Iterator[Sequence[Piece]]:
        survey = Survey(self.portal, self.wish, shape)
        self.told.order_is_open |= survey.order_is_open
        clocks = Clocks(self.wish.zone or self.portal.zone, survey.formats, shape.table.time.endings)
        heap = LongHeap() if shape.long is not None else Heap([bound.series for bound in shape.columns])
        rows = Taker(self._context, shape, survey.mark, clocks, heap, self.told)
        for number, (line, cells) in enumerate(self._lines(shape), 1):
            rows.take(line, cells)
            if number % _STEP == 0:
                self._sheet_share = shape.sheet.share()
                yield heap.taken(self.told) if heap.rows >= ROWS_AT_ONCE else ()
        self._sheet_share = 1.0
        self.told.ambiguous_times += clocks.ambiguous
        yield heap.taken(self.told, last=True)

    def _lines(self, shape: Shape) -> Iterator[tuple[int, Sequence[Cell]]]:
        """Those behind the headers that have anything in them."""
        rows = shape.sheet.open()
        while True:
            try:
                line, cells = next(rows)
            except StopIteration:
                return
            except BadLine as error:
                self.told.rows += 1
                self.told.refuse(shape.sheet.place, error.line, Trouble.UNREADABLE, str(error))
                continue
            if line > shape.header_line and any(cell not in (None, "") for cell in cells):
                yield line, cells
