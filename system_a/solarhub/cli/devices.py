"""`solarhub devices …`: the devices of an organization, and the tokens that they report with."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import typer

from solarhub.cli.operator import DataDir, Desk, Office, OrganizationName, operate, whole
from solarhub.cli.shown import AsJson, show_done, show_list, show_one
from solarhub.devices import credentials, registry
from solarhub.devices.schemas import DeviceFilter
from solarhub.devices.vocabulary import DeviceStatus, DeviceType, ProtocolType
from solarhub.kit.answers import Recorded
from solarhub.kit.paging import Listing

app = typer.Typer(
    help="The devices of an organization, and the tokens that these report with.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

DeviceId = Annotated[UUID, typer.Argument(metavar="DEVICE", help="Its id, as `solarhub devices list` prints it.")]


class DeviceLine(Recorded):
    """A device without how it is reached: a terminal is read over shoulders."""

    site_id: UUID
    name: str
    device_type: DeviceType
    manufacturer: str | None
    model: str | None
    serial_number: str | None
    protocol: ProtocolType
    status: DeviceStatus
    last_seen_at: datetime | None


_COLUMNS = {
    "name": "Name",
    "device_type": "Kind",
    "serial_number": "Serial number",
    "status": "Status",
    "last_seen_at": "Last seen",
    "id": "Id",
}


@app.command("list")
def list_them(
    organization: OrganizationName,
    site: Annotated[UUID | None, typer.Option(help="Only those of this plant.", metavar="ID")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Print every device, by name."""

    async def work(desk: Desk) -> list[DeviceLine]:
        async with desk.inside(organization) as office:
            return await whole(lambda offset: _page(office, DeviceFilter(limit=500, offset=offset, site_id=site)))

    show_list(operate(data_dir, work), _COLUMNS, as_json=as_json)


@app.command()
def show(
    device_id: DeviceId, organization: OrganizationName, data_dir: DataDir = None, as_json: AsJson = False
) -> None:
    """Print what is known of one."""

    async def work(desk: Desk) -> DeviceLine:
        async with desk.inside(organization) as office:
            return DeviceLine.model_validate(await registry.find(office.session, device_id))

    show_one(operate(data_dir, work), as_json=as_json)


@app.command("issue-token")
def issue_token(
    device_id: DeviceId,
    organization: OrganizationName,
    overlap_hours: Annotated[int, typer.Option(min=0, max=720, help="How long the token before stays valid.")] = 24,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Print a new token for a device; it is shown this once."""

    async def work(desk: Desk) -> str:
        async with desk.inside(organization) as office:
            device = await registry.find_to_change(office.session, device_id)
            return await credentials.issue(office.session, device, timedelta(hours=overlap_hours))

    token = operate(data_dir, work)
    show_done(token, {"device_id": str(device_id), "token": token}, as_json=as_json)


async def _page(office: Office, wanted: DeviceFilter) -> Listing[DeviceLine]:
    rows = await registry.every(office.session, office.here.organization.id, wanted)
    return Listing.of([DeviceLine.model_validate(row) for row in rows], len(rows), wanted)
