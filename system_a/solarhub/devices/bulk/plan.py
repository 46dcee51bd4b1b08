"""What a file asks for: plants with their devices and customers, and everything that is wrong with its rows. Pure."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from solarhub.devices import connection, metadata
from solarhub.devices.bulk import cells
from solarhub.devices.bulk.columns import COLUMNS, NAMES, Column, Part, matched
from solarhub.devices.bulk.table import Row, Table
from solarhub.devices.schemas import DeviceRegistration
from solarhub.devices.vocabulary import ProtocolType
from solarhub.kit.errors import FieldError, Invalid
from solarhub.kit.refusals import Allowed, shown
from solarhub.sites.configuration import unknown_disco
from solarhub.sites.schemas import GrantRequest, SiteRegistration

_NOWHERE = UUID(int=0)
_ROUNDED = "was rounded by the spreadsheet, and its last digits are lost: format the column as text and enter it anew"
_BEFORE = {
    Part.ADDRESS: "address.",
    Part.CONFIGURATION: "configuration.",
    Part.CONNECTION: "connection_config.",
    Part.METADATA: "metadata.",
}
_OF_SITE = (Part.SITE, Part.ADDRESS, Part.CONFIGURATION)
_OF_DEVICE = (Part.DEVICE, Part.CONNECTION, Part.METADATA)
_COLUMN_OF = {
    group: {_BEFORE.get(column.part, "") + column.key: column.name for column in COLUMNS if column.part in parts}
    for group, parts in (("site", _OF_SITE), ("device", _OF_DEVICE), ("customer", (Part.CUSTOMER,)))
}


@dataclass(frozen=True, slots=True)
class RowError:
    """One wrong cell, or row where `column` is None; `line` as an editor counts them, 1 for the headers."""

    line: int
    column: str | None
    value: object
    message: str
    allowed: Allowed


@dataclass(frozen=True, slots=True)
class PlannedDevice:
    """A device that a row asks for; its registration names no plant yet."""

    line: int
    registration: DeviceRegistration


@dataclass(frozen=True, slots=True)
class PlannedCustomer:
    """Somebody who is to see the plant."""

    line: int
    wanted: GrantRequest


@dataclass(slots=True)
class PlannedSite:
    """One plant with what the rows that name it ask for. `site_id` is that of one that is there already.

    `registration` None: it is there, or its rows say nothing that a plant could be made of.
    """

    line: int
    name: str
    site_id: UUID | None = None
    registration: SiteRegistration | None = None
    devices: list[PlannedDevice] = field(default_factory=list)
    customers: list[PlannedCustomer] = field(default_factory=list)

    @property
    def is_possible(self) -> bool:
        return self.site_id is not None or self.registration is not None


def key_of(name: str) -> str:
    """Plants are the same whose names differ in capitals, blanks and ways to write a letter alone."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def plan(
    table: Table, sites: Mapping[str, Sequence[UUID]], discos: Collection[str]
) -> tuple[list[PlannedSite], list[RowError]]:
    """`sites` are those of the organization, by `key_of`; `discos` the companies that are known."""
    columns, bad_headers = matched(table.headers)
    if bad_headers or not any(column.name == "site_name" for column in columns.values()):
        wrong = [RowError(1, bad.header, bad.header, bad.message, list(NAMES)) for bad in bad_headers]
        if not any(column.name == "site_name" for column in columns.values()):
            wrong.append(RowError(1, "site_name", None, "is required: every row names its plant", "a column site_name"))
        return [], wrong
    return _Planning(columns, table.decimal_comma, sites, discos).of(table.rows)


class _Planning:
    def __init__(
        self,
        columns: Mapping[str, Column],
        decimal_comma: bool,  # noqa: FBT001 - what the table says
        sites: Mapping[str, Sequence[UUID]],
        discos: Collection[str],
    ) -> None:
        self.columns = columns
        self.decimal_comma = decimal_comma
        self.sites = sites
        self.discos = discos
        self.errors: list[RowError] = []
        self.serials: dict[str, int] = {}
        self.names: dict[tuple[str, str], int] = {}

    def of(self, rows: Sequence[Row]) -> tuple[list[PlannedSite], list[RowError]]:
        told: dict[str, list[tuple[Row, dict[Column, Any]]]] = {}
        for row in rows:
            if row.surplus:
                message = f"has {row.surplus} more filled cells than there are headers"
                self.errors.append(RowError(row.line, None, None, message, "a header above each filled cell"))
                continue
            values = self._values(row)
            name = next((value for column, value in values.items() if column.name == "site_name"), None)
            if not isinstance(name, str):
                allowed = "the name of a plant, on each of its rows"
                self.errors.append(RowError(row.line, "site_name", shown(name), "is required", allowed))
                continue
            told.setdefault(key_of(name), []).append((row, values))
        planned = [self._site(key, group) for key, group in told.items()]
        return planned, sorted(self.errors, key=lambda error: error.line)

    def _values(self, row: Row) -> dict[Column, Any]:
        values = {}
        for header, cell in row.cells.items():
            column = self.columns.get(header)
            if column is None:
                continue
            if column.keeps_digits and cells.was_rounded(cell):
                self._wrong(row.line, column.name, cell, _ROUNDED, "all of its digits")
                continue
            values[column] = column.value(cell, decimal_comma=self.decimal_comma)
        return values

    def _wrong(self, line: int, column: str | None, value: object, message: str, allowed: Allowed) -> None:
        self.errors.append(RowError(line, column, shown(value), message, allowed))

    # ---------------------------------------------------------------------------------------------------- one plant

    def _site(self, key: str, group: Sequence[tuple[Row, dict[Column, Any]]]) -> PlannedSite:
        first = group[0][0].line
        merged, lines = self._merged(group)
        name = next(str(value) for column, value in merged.items() if column.name == "site_name")
        planned = PlannedSite(first, name)
        there = self.sites.get(key, ())
        if len(there) > 1:
            allowed = "a name that one plant has: rename the others first"
            self._wrong(first, "site_name", name, f"is the name of {len(there)} plants of yours", allowed)
        elif there:
            planned.site_id = there[0]
        else:
            planned.registration = self._registration(first, merged, lines)
        for row, values in group:
            planned.devices += self._device(key, row.line, values)
            planned.customers += self._customer(planned, row.line, values)
        return planned

    def _merged(self, group: Sequence[tuple[Row, dict[Column, Any]]]) -> tuple[dict[Column, Any], dict[str, int]]:
        """What the rows of a plant say of it together, and on which line each of it stands."""
        merged: dict[Column, Any] = {}
        lines: dict[str, int] = {}
        for row, values in group:
            for column, value in values.items():
                if column.part not in _OF_SITE:
                    continue
                if column not in merged:
                    merged[column] = value
                    lines[column.name] = row.line
                elif merged[column] != value and column.name != "site_name":
                    message = f"differs from what line {lines[column.name]} says of the same plant"
                    self._wrong(row.line, column.name, value, message, f"{merged[column]}, or an empty cell")
        return merged, lines

    def _registration(
        self, first: int, merged: Mapping[Column, Any], lines: Mapping[str, int]
    ) -> SiteRegistration | None:
        document: dict[str, Any] = {"address": {}, "configuration": {}}
        for column, value in merged.items():
            where = document if column.part is Part.SITE else document[column.part.value]
            where[column.key] = value
        errors: list[FieldError] = []
        registration = None
        code = document["configuration"].get("disco_provider")
        if isinstance(code, str) and code not in self.discos:
            errors.append(unknown_disco(code, self.discos))
            del document["configuration"]["disco_provider"]
        try:
            registration = SiteRegistration.parse(document)
        except Invalid as refused:
            errors += refused.errors
        self._refused("site", errors, lambda name: lines.get(name, first))
        if errors:
            return None
        return registration

    def _refused(self, group: str, errors: Sequence[FieldError], line_of: Any) -> None:
        for error in errors:
            path = re.sub(r"\[[0-9]+\]$", "", error.field)
            name = _COLUMN_OF[group].get(path, path.rpartition(".")[2] or None)
            self._wrong(line_of(name), name, error.value, error.message, error.allowed)

    # --------------------------------------------------------------------------------------------- what hangs on it

    def _device(self, site_key: str, line: int, values: Mapping[Column, Any]) -> Iterator[PlannedDevice]:
        parts: dict[Part, dict[str, Any]] = {part: {} for part in _OF_DEVICE}
        for column, value in values.items():
            if column.part in parts:
                parts[column.part][column.key] = value
        if not any(parts.values()):
            return
        document = parts[Part.DEVICE] | {"site_id": _NOWHERE, "metadata": parts[Part.METADATA]}
        before = len(self.errors)
        try:
            registration = DeviceRegistration.parse(document)
            metadata.check(registration.metadata)
        except Invalid as refused:
            self._refused("device", refused.errors, lambda _: line)
            registration = None
        reached = self._connection(line, parts[Part.DEVICE].get("protocol"), parts[Part.CONNECTION])
        if registration is None or len(self.errors) > before or self._is_repeated(site_key, line, registration):
            return
        yield PlannedDevice(line, registration.model_copy(update={"connection_config": reached}))

    def _connection(self, line: int, protocol: object, document: dict[str, Any]) -> dict[str, Any] | None:
        if protocol not in list(ProtocolType):
            return None
        if protocol == ProtocolType.HTTP and not document:
            document = {"push": True}
        if protocol == ProtocolType.CUSTOM:
            # its options are the driver's own: what a file says of a connection belongs to them
            own = {"driver": document.pop("driver", None)}
            if "password" in document:
                own["secrets"] = {"password": document.pop("password")}
            document = own | ({"options": document} if document else {})
        try:
            connection.parse(ProtocolType(str(protocol)), document)
        except Invalid as refused:
            self._refused("device", refused.errors, lambda _: line)
        return document

    def _is_repeated(self, site_key: str, line: int, registration: DeviceRegistration) -> bool:
        serial, name = registration.serial_number, registration.name
        if serial is not None and self.serials.setdefault(serial, line) != line:
            message = f"stands on line {self.serials[serial]} already"
            self._wrong(line, "serial_number", serial, message, "another number, or none: each device has its own")
            return True
        if self.names.setdefault((site_key, name), line) != line:
            message = f"is the name of the device on line {self.names[site_key, name]}, at the same plant"
            self._wrong(line, "device_name", name, message, "a name that no other device of the plant has")
            return True
        return False

    def _customer(self, planned: PlannedSite, line: int, values: Mapping[Column, Any]) -> Iterator[PlannedCustomer]:
        told = {column.key: value for column, value in values.items() if column.part is Part.CUSTOMER}
        if not told:
            return
        try:
            wanted = GrantRequest.parse(told | {"role": "viewer"})
        except Invalid as refused:
            self._refused("customer", refused.errors, lambda _: line)
            return
        if all(wanted != each.wanted for each in planned.customers):
            yield PlannedCustomer(line, wanted)
