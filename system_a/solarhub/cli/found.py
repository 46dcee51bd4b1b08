"""`solarhub found …`: those who report at the brokers without being known."""

from typing import Annotated
from uuid import UUID

import typer

from solarhub.cli.operator import DataDir, Desk, Office, OrganizationName, operate, whole
from solarhub.cli.shown import AsJson, show_done, show_list
from solarhub.devices.serials import asking
from solarhub.kit.paging import Listing
from solarhub.telemetry.found import adopting, listing
from solarhub.telemetry.found.schemas import Adoption, FoundFilter, FoundSenderAnswer
from solarhub.telemetry.vocabulary import FoundState

app = typer.Typer(
    help="Who reports at the brokers without being known.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

SenderId = Annotated[UUID, typer.Argument(metavar="SENDER", help="Its id, as `solarhub found list` prints it.")]

_COLUMNS = {
    "sender": "Sender",
    "dialect": "Mapping",
    "state": "State",
    "messages": "Messages",
    "last_seen_at": "Last heard",
    "id": "Id",
}


@app.command("list")
def list_them(
    organization: OrganizationName,
    state: Annotated[FoundState | None, typer.Option(help="Only those in this state.")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Print them, whoever was heard last first."""

    async def work(desk: Desk) -> list[FoundSenderAnswer]:
        async with desk.inside(organization) as office:
            return await whole(lambda offset: _page(office, FoundFilter(limit=500, offset=offset, state=state)))

    show_list(operate(data_dir, work), _COLUMNS, as_json=as_json)


@app.command()
def adopt(
    *,
    sender_id: SenderId,
    organization: OrganizationName,
    site: Annotated[UUID | None, typer.Option(help="The plant of a new device.", metavar="ID")] = None,
    device: Annotated[UUID | None, typer.Option(help="A device that is there, instead.", metavar="ID")] = None,
    name: Annotated[str | None, typer.Option(help="What the new device is called.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="Of its clock, where that is not the plant's.")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make one a device, of a plant or one that is there; what it sent before is stored within seconds."""
    given = {
        "site_id": None if site is None else str(site),
        "device_id": None if device is None else str(device),
        "name": name,
        "time_zone": time_zone,
    }
    wanted = Adoption.parse({key: value for key, value in given.items() if value is not None})

    async def work(desk: Desk) -> UUID:
        async with desk.inside(organization) as office:
            row = await adopting.find_to_adopt(office.session, office.here.organization.id, sender_id)
            async with asking(desk.databases.auth, row.organization_id, adopting.serial_number(row, wanted)):
                return (await adopting.adopt(office.session, desk.keyring, row, wanted)).id

    device_id = operate(data_dir, work)
    show_done(f"It is device {device_id} now.", {"device_id": str(device_id)}, as_json=as_json)


@app.command()
def ignore(
    sender_id: SenderId, organization: OrganizationName, data_dir: DataDir = None, as_json: AsJson = False
) -> None:
    """Keep nothing more of what one sends."""

    async def work(desk: Desk) -> None:
        async with desk.inside(organization) as office:
            row = await adopting.find_to_change(office.session, office.here.organization.id, sender_id)
            await adopting.ignore(office.session, row)

    operate(data_dir, work)
    show_done("It is ignored.", {"ignored": str(sender_id)}, as_json=as_json)


async def _page(office: Office, wanted: FoundFilter) -> Listing[FoundSenderAnswer]:
    return await listing.senders(office.session, office.here.organization.id, wanted)
