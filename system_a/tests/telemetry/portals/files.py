"""Exports as portals would write them, made up: none of these is a portal's own."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from openpyxl import Workbook

from solarhub.metrics import CATALOGUE, Catalogue
from solarhub.telemetry.batch import moment
from solarhub.telemetry.portals.loading import PortalMaps, shipped
from solarhub.telemetry.portals.reading import Reading
from solarhub.telemetry.portals.roster import Device, Roster
from solarhub.telemetry.portals.survey import Wish
from solarhub.telemetry.portals.telling import FileTold

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)


def device(  # noqa: PLR0917 - what a test says of it
    name: str = "Inverter 1",
    serial_number: str | None = None,
    zone: str = "Asia/Karachi",
    rated_kw: float | None = None,
    key: int = 1,
    site: str = "Roof",
) -> Device:
    return Device(uuid4(), key, name, serial_number, UUID(int=1), site, zone, rated_kw, 300.0)


class Read(NamedTuple):
    """What was read of a file: by device and instant, and what is told of it."""

    rows: dict[str, dict[datetime, dict[str, float]]]
    told: FileTold

    @property
    def only(self) -> dict[datetime, dict[str, float]]:
        (rows,) = self.rows.values()
        return rows

    @property
    def reasons(self) -> list[str]:
        return [f"{each.line}: {each.reason}" for each in self.told.refusals]


def read(
    body: bytes,
    portal: str = "template",
    devices: Sequence[Device] | None = None,
    *,
    wish: Wish | None = None,
    name: str = "export.csv",
    maps: PortalMaps | None = None,
    catalogue: Catalogue = CATALOGUE,
) -> Read:
    """All of it, as if the first device were the one that was said unless the file names others."""
    known = list(devices) if devices is not None else [device()]
    wanted = wish or Wish(device=known[0] if devices is None else None)
    reading = Reading(io.BytesIO(body), name, (maps or shipped()).find(portal), Roster(known), catalogue, NOW, wanted)
    rows: dict[str, dict[datetime, dict[str, float]]] = {}
    for pieces in reading.pieces():
        for piece in pieces:
            mine = rows.setdefault(piece.device.name, {})
            _, series, at, readings = piece.stretch
            for instant, values in zip(map(moment, at.tolist()), readings.tolist(), strict=True):
                told = {name: value for name, value in zip(series, values, strict=True) if value == value}  # noqa: PLR0124 - NaN alone differs from itself
                mine.setdefault(instant, told)
    return Read(rows, reading.told)


def csv(*lines: str, encoding: str = "utf-8") -> bytes:
    return "\r\n".join([*lines, ""]).encode(encoding)


def workbook(**sheets: Sequence[Any]) -> bytes:
    """`_` in a sheet's name is a blank."""
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]  # a new one has a sheet
    for name, rows in sheets.items():
        sheet = book.create_sheet(name.replace("_", " "))
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def own(folder: Path, text: str) -> PortalMaps:
    """The shipped maps and one of the operator's."""
    (folder / "mine.yaml").write_text(text, "utf-8")
    return PortalMaps.load(folder)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]  # year, month, day and so on
