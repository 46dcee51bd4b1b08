"""Files of the past as requests name them and answers show them."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from solarhub.kit.answers import Answer
from solarhub.telemetry.batch import moment
from solarhub.telemetry.portals.maps import DateOrder, Mark, PortalMap
from solarhub.telemetry.portals.telling import DeviceTold, Refusal, TableTold, Trouble

_STORED = Field(title="Rows that are new", examples=[105_120])
_DUPLICATES = Field(title="Rows that were there already", description="What stood first stays", examples=[0])
_CONFLICTS = Field(title="… of these, with other values", examples=[0])


class HistoryWish(BaseModel):
    """Query parameters of a file that is brought along."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    map: str = Field(
        title="Read by the map", description="Whose export it is; /imports/history/maps lists them", max_length=64
    )
    file_name: str = Field(default="upload", title="File name", min_length=1, max_length=255)
    device: UUID | None = Field(default=None, title="Only device", description="All of the file is this device's")
    site: UUID | None = Field(
        default=None, title="Plant", description="Devices that the file names are looked for here"
    )
    match: list[str] = Field(
        default_factory=list,
        title="Names in the file",
        description="`name in the file=device id`, for devices that the portal calls something else",
        max_length=500,
    )
    time_zone: str | None = Field(
        default=None,
        title="Time zone",
        description="Of times that name none; without it the map's, which usually is each plant's",
        examples=["Asia/Karachi"],
        max_length=64,
    )
    dates: DateOrder | None = Field(
        default=None, title="03/04/2026 is", description="`dmy` the third of April, `mdy` the fourth of March"
    )
    decimal: Mark | None = Field(default=None, title="What parts decimals", description="Without it: found out")
    dry_run: bool = Field(
        default=True, title="Try only", description="Nothing is stored; the answer says what would happen"
    )


class MapAnswer(Answer):
    """One portal whose exports are read."""

    name: str = Field(title="Called in commands", examples=["growatt"])
    title: str = Field(title="Portal", examples=["Growatt ShineServer"])
    version: int = Field(title="Version of the map")
    verified: bool = Field(title="Tried on a real export")
    files: list[str] = Field(title="Kinds of files", examples=[["csv", "xlsx"]])
    time_zone: str = Field(title="Zone of times that name none", examples=["plant"])
    tables: list[str] = Field(title="Tables that it knows", examples=[["readings", "days"]])
    hint: str = Field(title="How one gets such a file")

    @classmethod
    def of(cls, portal: PortalMap) -> Self:
        return cls(
            name=portal.name,
            title=portal.title,
            version=portal.version,
            verified=portal.verified,
            files=sorted(kind.value for kind in portal.kinds),
            time_zone=portal.zone,
            tables=[table.name for table in portal.tables],
            hint=portal.hint,
        )


class RefusalAnswer(Answer):
    """A line, or a cell of it, of which nothing is taken."""

    place: str = Field(title="File and sheet", examples=["export.csv"])
    line: int = Field(title="Line", description="As an editor or a spreadsheet counts them")
    trouble: Trouble = Field(title="Kind")
    reason: str = Field(title="What is wrong", examples=["'30 June' is no time; allowed are yyyy-mm-dd hh:mm:ss"])

    @classmethod
    def of(cls, refusal: Refusal) -> Self:
        return cls(**refusal._asdict())


class PastSeries(Answer):
    """What the file says of one metric of a device, or of one of its channels."""

    series: str = Field(title="Metric and channel", examples=["power_output"])
    unit: str = Field(title="Unit", examples=["kW"])
    values: int = Field(title="How many values")
    minimum: float = Field(title="Lowest")
    maximum: float = Field(title="Highest")


class PastOfDevice(Answer):
    """What becomes, or would become, of one device's rows."""

    device_id: UUID = Field(title="Device")
    device: str = Field(title="Device's name", examples=["Inverter 1"])
    site: str = Field(title="Plant")
    first: datetime | None = Field(title="First instant")
    last: datetime | None = Field(title="Last instant")
    rows: int = Field(title="Rows of the file")
    empty: int = Field(title="Rows that say nothing")
    refused: int = Field(title="Refused rows")
    refused_values: int = Field(title="Refused cells of other rows")
    stored: Annotated[int, _STORED]
    duplicates: Annotated[int, _DUPLICATES]
    conflicts: Annotated[int, _CONFLICTS]
    days: int = Field(title="Days with rows")
    days_spanned: int = Field(title="Days from the first to the last")
    coverage: list[float] = Field(
        title="Share of days with rows", description="In up to 60 equal parts of the whole time, from 0 to 1"
    )
    interval_seconds: float | None = Field(title="How far apart rows usually are (s)")
    series: list[PastSeries] = Field(title="What it measured")
    notes: list[str] = Field(title="What to know of it")


class TableAnswer(Answer):
    """A table of the file, and how it is understood."""

    place: str = Field(title="File and sheet")
    table: str = Field(title="Table of the map")
    header_line: int = Field(title="Line of the headers")
    columns: dict[str, str] = Field(title="Header and what it is stored as")
    left_out: dict[str, str] = Field(title="Header of which nothing is taken, and why")

    @classmethod
    def of(cls, table: TableTold) -> Self:
        return cls(**table._asdict())


class HistoryAnswer(Answer):
    """What came of a file, or would have."""

    import_id: UUID | None = Field(title="Import", description="Null for a dry run")
    stored: bool = Field(title="Stored", description="False for a dry run")
    map: str = Field(title="Read by the map")
    map_version: int = Field(title="Version of the map")
    verified: bool = Field(title="The map was tried on a real export")
    file_sha256: str = Field(title="Fingerprint of the file")
    rows: int = Field(title="Rows in the file")
    refused: int = Field(title="Refused rows")
    refused_values: int = Field(title="Refused cells of other rows")
    ambiguous_times: int = Field(title="Times that the clocks showed twice")
    troubles: dict[Trouble, int] = Field(title="What is refused, by kind")
    refusals: list[RefusalAnswer] = Field(title="The first of them, line by line")
    strangers: dict[str, int] = Field(title="Rows of nobody who is known here, by why")
    tables: list[TableAnswer] = Field(title="How the file is understood")
    devices: list[PastOfDevice] = Field(title="Device by device")
    notes: list[str] = Field(title="What to know of it")


class HistoryProgress(Answer):
    """A line of a streamed answer: how far it is."""

    kind: Literal["progress"] = "progress"
    rows: int = Field(title="Rows that were read")
    share: float = Field(title="Share of the file, or of its present member")


class HistoryResult(HistoryAnswer):
    """The last line of a streamed answer."""

    kind: Literal["result"] = "result"


class ImportedDevice(Answer):
    """What became of one device's rows."""

    device_id: UUID = Field(title="Device")
    device: str = Field(title="What it was called")
    stored: Annotated[int, _STORED]
    duplicates: Annotated[int, _DUPLICATES]
    conflicts: Annotated[int, _CONFLICTS]
    taken_out: int = Field(title="Rows that are gone again")
    first_at: datetime = Field(title="First instant")
    last_at: datetime = Field(title="Last instant")


class HistoryImportAnswer(Answer):
    """A file that was brought along."""

    id: UUID = Field(title="Import")
    file_name: str = Field(title="File name")
    file_sha256: str = Field(title="Fingerprint of the file")
    file_bytes: int = Field(title="Bytes")
    map: str = Field(title="Read by the map")
    map_version: int = Field(title="Version of the map")
    time_zone: str | None = Field(title="Time zone that was given")
    imported_by: UUID | None = Field(title="Who", description="Null: whoever operates the machine")
    started_at: datetime = Field(title="Begun")
    finished_at: datetime | None = Field(title="Ended", description="Null: it is at work, or something ended it")
    rows: int = Field(title="Rows in the file")
    refused: int = Field(title="Refused rows")
    refused_values: int = Field(title="Refused cells of other rows")
    devices: int = Field(title="How many devices")
    stored: Annotated[int, _STORED]
    duplicates: Annotated[int, _DUPLICATES]
    conflicts: Annotated[int, _CONFLICTS]
    taken_out: int = Field(title="Rows that are gone again")
    first_at: datetime | None = Field(title="First instant")
    last_at: datetime | None = Field(title="Last instant")
    undone_at: datetime | None = Field(title="Undone")


class HistoryImportDetail(HistoryImportAnswer):
    """The same, device by device."""

    by_device: list[ImportedDevice] = Field(title="Device by device")


class UndoAnswer(Answer):
    """What an undone import took out again."""

    import_id: UUID = Field(title="Import")
    taken_out: int = Field(title="Rows that are gone again")
    notes: list[str] = Field(title="What to know of it")


_PARTS = 60
_DAY = 86_400_000_000


def coverage(told: DeviceTold) -> tuple[int, list[float]]:
    """Days from the first to the last, and the share of them with rows in up to 60 equal parts."""
    if not told.days:
        return 0, []
    first, last = min(told.days), max(told.days)
    spanned = last - first + 1
    parts = min(_PARTS, spanned)
    counts = [0] * parts
    sizes = [0] * parts
    for day in range(spanned):
        sizes[day * parts // spanned] += 1
        counts[day * parts // spanned] += first + day in told.days
    return spanned, [round(count / size, 3) for count, size in zip(counts, sizes, strict=True)]


def instant_of(at: int | None) -> datetime | None:
    return None if at is None else moment(at)
