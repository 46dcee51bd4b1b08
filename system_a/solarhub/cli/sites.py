"""`solarhub sites …`: the plants of an organization."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from solarhub.cli.operator import DataDir, Desk, OrganizationName, operate, whole
from solarhub.cli.shown import AsJson, show_list, show_one
from solarhub.devices.bulk import importing
from solarhub.devices.bulk.importing import Import
from solarhub.devices.bulk.table import read
from solarhub.devices.schemas.bulk import CustomerLine, ImportAnswer, ImportMode, ImportWish, Tally
from solarhub.kit.http.exports import ExportFormat, export
from solarhub.sites import registry
from solarhub.sites.api.sites import list_sites
from solarhub.sites.schemas import SiteAnswer, SiteFilter

app = typer.Typer(
    help="The plants of an organization.", no_args_is_help=True, rich_markup_mode=None, add_completion=False
)

_COLUMNS = {
    "name": "Name",
    "status": "Status",
    "address.city": "City",
    "configuration.system_capacity_kw": "kW",
    "id": "Id",
}
_ERRORS = {"line": "Line", "column": "Column", "value": "What stands there", "message": "What is wrong"}


@app.command("list")
def list_them(organization: OrganizationName, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Print every plant, by name."""

    async def work(desk: Desk) -> list[SiteAnswer]:
        async with desk.inside(organization) as office:
            return await whole(
                lambda offset: list_sites(SiteFilter(limit=500, offset=offset), office.here, office.session)
            )

    show_list(operate(data_dir, work), _COLUMNS, as_json=as_json)


@app.command()
def show(
    site_id: Annotated[UUID, typer.Argument(help="As `solarhub sites list` prints it.")],
    organization: OrganizationName,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Print what is known of one."""

    async def work(desk: Desk) -> SiteAnswer:
        async with desk.inside(organization) as office:
            return SiteAnswer.model_validate(await registry.find(office.session, site_id))

    show_one(operate(data_dir, work), as_json=as_json)


@app.command("import")
def import_file(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="CSV, or JSON where its name ends so.", metavar="FILE")
    ],
    *,
    organization: OrganizationName,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Store nothing; say what would happen.")] = False,
    row_by_row: Annotated[
        bool, typer.Option("--row-by-row", help="Store the good rows beside bad ones; otherwise all or nothing.")
    ] = False,
    mail: Annotated[
        bool, typer.Option("--mail", help="Also mail its link to each customer who has an address.")
    ] = False,
    customers: Annotated[
        Path | None, typer.Option(help="Write the customers and their links into this CSV file.", metavar="FILE")
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Enter plants from a file, with their devices, and their customers, who get a link each.

    The columns stand in the template that the hub serves at /api/v1/organizations/ID/imports/sites/template. What is
    there already is left as it is. Ends with 1 where a row is bad.
    """
    mode = ImportMode.ROW_BY_ROW if row_by_row else ImportMode.ALL_OR_NOTHING
    wish = ImportWish(dry_run=dry_run, mode=mode, mail=mail)
    table = read(file.read_bytes(), is_json=file.suffix.lower() == ".json")

    async def work(desk: Desk) -> ImportAnswer:
        async with desk.inside(organization) as office:
            wanted = Import(office.here, table, wish, desk.keyring, desk.public_url, desk.databases.auth)
            await importing.look(office.session, wanted)
            with _bar() as bar:
                task = bar.add_task("plants", total=len(wanted.planned))
                async for done in importing.carry_out(office.session, wanted):
                    bar.update(task, completed=done)
                bar.update(task, completed=len(wanted.planned))
            if customers is not None:
                await _write(customers, wanted.answer())
            return wanted.answer()

    answer = operate(data_dir, work)
    if as_json:
        show_one(answer, as_json=True)
    else:
        _tell(answer)
    if answer.errors:
        raise typer.Exit(1)


def _bar() -> Progress:
    """On standard error, and only where somebody looks: what is printed is for whoever reads on."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal)


def _tell(answer: ImportAnswer) -> None:
    for what, tally in (("Plants", answer.sites), ("Devices", answer.devices), ("Customers", answer.customers)):
        print(f"{what:<10} {_counted(tally)}")
    if answer.errors:
        show_list(answer.errors, _ERRORS, as_json=False)
    if not answer.stored:
        print("Nothing was stored: this was a dry run.")


def _counted(tally: Tally) -> str:
    return f"{tally.new} new, {tally.already_there} there already, {tally.failed} failed"


async def _write(path: Path, answer: ImportAnswer) -> None:
    """For the operator's eyes: whoever has a link comes in by it. Raises OSError, and then nothing is stored."""

    async def lines() -> AsyncIterator[CustomerLine]:
        for site in answer.results:
            for each in site.customers:
                yield CustomerLine(
                    line=each.line,
                    site_name=site.name,
                    customer_name=each.name,
                    customer_phone=each.phone,
                    customer_email=each.email,
                    outcome=each.outcome,
                    link=each.link,
                    whatsapp_link=each.whatsapp_link,
                    expires_at=each.expires_at,
                )

    written = export("customers", lines(), CustomerLine, ExportFormat.CSV)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        async for part in written.body_iterator:
            file.write(str(part))
