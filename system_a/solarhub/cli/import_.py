"""`solarhub import …`: measurements of the past, from exports of portals."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from solarhub.cli import progress
from solarhub.cli.operator import DataDir, Desk, OrganizationName, operate, whole
from solarhub.cli.portals import portal_maps_of
from solarhub.cli.shown import AsJson, show_done, show_list, show_one
from solarhub.config import Settings
from solarhub.kit.db import Session
from solarhub.kit.errors import Conflict, FieldError, Invalid, NotFound
from solarhub.kit.paging import Page
from solarhub.organizations.access import Standing
from solarhub.telemetry.catalogues import Catalogues
from solarhub.telemetry.portals import importing, showing, undoing
from solarhub.telemetry.portals.importing import Import
from solarhub.telemetry.portals.loading import PortalMaps, shipped
from solarhub.telemetry.portals.maps import DateOrder, Mark
from solarhub.telemetry.portals.roster import Device
from solarhub.telemetry.portals.schemas import (
    HistoryAnswer,
    HistoryImportAnswer,
    HistoryWish,
    MapAnswer,
    PastOfDevice,
    UndoAnswer,
)

app = typer.Typer(
    help="Measurements of the past, from exports of portals.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

_MAPS = {"name": "Map", "title": "Portal", "verified": "Tried", "files": "Files", "tables": "Tables", "hint": "Where"}
_IMPORTS = {
    "started_at": "Begun",
    "file_name": "File",
    "map": "Map",
    "devices": "Devices",
    "stored": "Stored",
    "duplicates": "There already",
    "conflicts": "Differing",
    "refused": "Refused",
    "undone_at": "Undone",
    "id": "Id",
}
_DEVICES = {
    "device": "Device",
    "first": "From",
    "last": "To",
    "rows": "Rows",
    "stored": "New",
    "duplicates": "There already",
    "conflicts": "Differing",
    "refused": "Refused",
    "days": "Days",
}
_SERIES = {"series": "Metric", "unit": "Unit", "values": "Values", "minimum": "Lowest", "maximum": "Highest"}
_REFUSALS = {"place": "File", "line": "Line", "reason": "What is wrong"}
_BARS = " ▁▂▃▄▅▆▇█"


@app.command()
def history(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="CSV, XLSX, or a ZIP of them.", metavar="FILE")
    ],
    *,
    portal: Annotated[
        str, typer.Option("--map", help="Whose export it is: `solarhub import maps` lists them.", metavar="NAME")
    ],
    organization: OrganizationName,
    device: Annotated[
        str | None, typer.Option(help="All of the file is this device's: id, serial number or name.")
    ] = None,
    site: Annotated[
        str | None, typer.Option(help="Look for the file's devices at this plant: id or name.", metavar="PLANT")
    ] = None,
    match: Annotated[
        list[str] | None,
        typer.Option(help="A name in the file, and whose it is: NAME=DEVICE. May be repeated.", metavar="NAME=DEVICE"),
    ] = None,
    time_zone: Annotated[
        str | None, typer.Option(help="Of times that name none, instead of the map's.", metavar="ZONE")
    ] = None,
    dates: Annotated[DateOrder | None, typer.Option(help="Whether 03/04 is in April or in March.")] = None,
    decimal: Annotated[Mark | None, typer.Option(help="What parts decimals, instead of finding out.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Store nothing; say what would happen.")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Bring the past along from a portal's export. What is there already stays: the file may come again.

    Ends with 1 where anything of the file is refused.
    """

    async def work(desk: Desk) -> HistoryAnswer:
        known = await desk.organization(organization)
        async with desk.inside(organization) as office:
            devices = await importing.devices_of(office.session, known.id)
            here = office.here
        wish = HistoryWish(
            map=portal,
            file_name=file.name,
            device=None if device is None else _one("device", device, devices),
            site=None if site is None else _plant(site, devices),
            match=[_matched(each, devices) for each in match or ()],
            time_zone=time_zone,
            dates=dates,
            decimal=decimal,
            dry_run=dry_run,
        )
        catalogues = Catalogues(desk.databases.worker)
        await catalogues.load()
        # a script reads what is printed, and whoever watches it has nothing to see
        telling = nullcontext(_silently) if as_json else progress.shown()
        with file.open("rb") as source, telling as tell:
            asked = Import(here, importing.find_map(_maps(), portal), catalogues.catalogue_of(known.key), wish, source)
            async for step in importing.bring(desk.databases.worker, lambda: _stand(desk, organization), asked):
                tell(f"{step.rows:,} rows", step.share)
        return importing.answer(asked)

    answer = operate(data_dir, work)
    if as_json:
        show_one(answer, as_json=True)
    else:
        _tell(answer)
    if answer.refused or answer.refused_values:
        raise typer.Exit(1)


def _silently(_what: str, _share: float) -> None:
    pass


@asynccontextmanager
async def _stand(desk: Desk, organization: str) -> AsyncIterator[Session]:
    async with desk.inside(organization) as office:
        yield office.session


def _maps() -> PortalMaps:
    return portal_maps_of(Settings()) or shipped()


@app.command()
def maps(as_json: AsJson = False) -> None:
    """Print the portals whose exports are read. `Tried` says whether anybody has compared a real one."""
    show_list([MapAnswer.of(each) for each in _maps()], _MAPS, as_json=as_json)


@app.command("list")
def list_them(organization: OrganizationName, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Print what was brought along, the newest first."""

    async def work(desk: Desk) -> list[HistoryImportAnswer]:
        async with desk.inside(organization) as office:
            here = office.here.organization.id
            return await whole(lambda offset: showing.page(office.session, here, Page(limit=500, offset=offset)))

    show_list(operate(data_dir, work), _IMPORTS, as_json=as_json)


@app.command()
def undo(
    import_id: Annotated[UUID, typer.Argument(metavar="IMPORT", help="Its id, as `solarhub import list` prints it.")],
    organization: OrganizationName,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Take out again what a file stored, and nothing else."""

    async def work(desk: Desk) -> UndoAnswer:
        async with desk.inside(organization) as office:
            here: Standing = office.here
            await undoing.note(office.session, import_id)
        return await undoing.carry_out(desk.databases.worker, here, import_id)

    done = operate(data_dir, work)
    sentence = f"{done.taken_out:,} rows are gone again. " + " ".join(done.notes)
    show_done(sentence.strip(), done.model_dump(mode="json"), as_json=as_json)


# ------------------------------------------------------------------------------------------------------------ who is it


def _one(what: str, text: str, devices: list[Device]) -> UUID:
    """By id, serial number or name. NotFound; Conflict for a name of several."""
    wanted = text.strip().casefold()
    exact = [row for row in devices if wanted in (str(row.id), (row.serial_number or "").casefold())]
    found = exact or [row for row in devices if row.name.casefold() == wanted]
    if not found:
        raise NotFound(f"There is no {what} {text} here.")
    if len(found) > 1:
        places = ", ".join(sorted(f"{row.id} at {row.site}" for row in found))
        raise Conflict(f"{text} is the name of several devices: {places}.")
    return found[0].id


def _plant(text: str, devices: list[Device]) -> UUID:
    found = {row.site_id for row in devices if text.strip().casefold() in (str(row.site_id), row.site.casefold())}
    if len(found) != 1:
        raise NotFound(f"There is no plant {text} with devices here." if not found else f"There are several {text}.")
    return found.pop()


def _matched(text: str, devices: list[Device]) -> str:
    name, equals, device = text.rpartition("=")
    if not equals or not name.strip():
        raise Invalid([FieldError("match", text, "is not NAME=DEVICE", "a name in the file, =, and a device")])
    return f"{name.strip()}={_one('device', device, devices)}"


# --------------------------------------------------------------------------------------------------------------- shown


def _tell(answer: HistoryAnswer) -> None:
    for table in answer.tables:
        print(f"{table.place}: table {table.table}, headers in line {table.header_line}")
        if table.left_out:
            print(f"  nothing is taken from {', '.join(table.left_out)}")
    print()
    show_list(answer.devices, _DEVICES, as_json=False)
    for device in answer.devices:
        _tell_device(device)
    if answer.refusals:
        print()
        show_list(answer.refusals, _REFUSALS, as_json=False)
        more = sum(answer.troubles.values()) - len(answer.refusals)
        if more:
            print(f"… and {more:,} more.")
    for reason, rows in answer.strangers.items():
        print(f"{rows:,} rows: {reason}")
    print(
        f"\n{answer.rows:,} rows, of {answer.refused:,} nothing is taken, and {answer.refused_values:,} single cells."
    )
    for note in answer.notes:
        print(note)
    if answer.stored:
        print(f"Stored as import {answer.import_id}: `solarhub import undo` takes it out again.")
    else:
        print("Nothing was stored: this was a dry run.")


def _tell_device(device: PastOfDevice) -> None:
    bar = "".join(_BARS[round(share * (len(_BARS) - 1))] for share in device.coverage)
    print(f"\n{device.device}: {device.days} of {device.days_spanned} days |{bar}|")
    show_list(device.series, _SERIES, as_json=False)
    for note in device.notes:
        print(note)
