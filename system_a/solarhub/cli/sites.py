"""`solarhub sites …`: the plants of an organization."""

from typing import Annotated
from uuid import UUID

import typer

from solarhub.cli.operator import DataDir, Desk, OrganizationName, operate, whole
from solarhub.cli.shown import AsJson, show_list, show_one
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
