"""`solarhub tokens …`: what scripts and devices sign in with."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import typer

from solarhub.cli.operator import DataDir, Desk, OrganizationName, operate, whole
from solarhub.cli.shown import AsJson, show_done, show_list
from solarhub.devices import credentials, registry
from solarhub.devices.schemas import DeviceTokenStanding
from solarhub.kit.clock import now
from solarhub.kit.paging import Page
from solarhub.organizations import api_keys
from solarhub.organizations.api.api_keys import list_api_keys
from solarhub.organizations.roles import Permission
from solarhub.organizations.schemas.api_keys import ApiKeyRequest

app = typer.Typer(
    help="What sign in by themselves: API keys of scripts, tokens of devices.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

OfDevice = Annotated[
    UUID | None, typer.Option("--device", metavar="ID", help="A device's tokens, instead of API keys.")
]

_KEYS = {
    "name": "Name",
    "permissions": "May",
    "expires_at": "Until",
    "last_used_at": "Last used",
    "revoked_at": "Revoked",
    "id": "Id",
}
_DEVICE_TOKENS = {"created_at": "Issued", "expires_at": "Until", "id": "Id"}


@app.command("list")
def list_them(
    organization: OrganizationName, device: OfDevice = None, data_dir: DataDir = None, as_json: AsJson = False
) -> None:
    """Print an organization's API keys, or the tokens with which one device may report."""

    async def work(desk: Desk) -> list[Any]:
        async with desk.inside(organization) as office:
            if device is None:
                return await whole(lambda offset: list_api_keys(Page(limit=500, offset=offset), office.session))
            found = await registry.find(office.session, device)
            return [
                DeviceTokenStanding.model_validate(row) for row in await credentials.in_force(office.session, found)
            ]

    show_list(operate(data_dir, work), _KEYS if device is None else _DEVICE_TOKENS, as_json=as_json)


@app.command()
def issue(
    *,
    organization: OrganizationName,
    device: OfDevice = None,
    name: Annotated[str, typer.Option(help="What an API key is for.")] = "Made on the hub's machine",
    may: Annotated[
        list[Permission] | None, typer.Option("--may", help="A right that an API key has; may be repeated.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="How long an API key is valid.")] = 90,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Print a new API key in its owner's name, or a new token of a device; it is shown this once."""
    if device is None and not may:
        raise typer.BadParameter("names at least one right, such as sites:read", param_hint="--may")

    async def work(desk: Desk) -> str:
        async with desk.inside(organization) as office:
            if device is not None:
                return await credentials.issue(office.session, await registry.find_to_change(office.session, device))
            wanted = ApiKeyRequest(name=name, permissions=tuple(may or ()), expires_at=now() + timedelta(days=days))
            _, token = await api_keys.make(office.session, office.here, wanted)
            return token

    token = operate(data_dir, work)
    show_done(token, {"token": token}, as_json=as_json)


@app.command()
def revoke(
    token_id: Annotated[UUID, typer.Argument(metavar="ID", help="As `solarhub tokens list` prints it.")],
    organization: OrganizationName,
    device: OfDevice = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """End an API key, or a token of a device: it opens nothing from now on."""

    async def work(desk: Desk) -> None:
        async with desk.inside(organization) as office:
            if device is None:
                await api_keys.revoke(office.session, token_id)
            else:
                found = await registry.find_to_change(office.session, device)
                await credentials.revoke(office.session, found, token_id)

    operate(data_dir, work)
    show_done(f"{token_id} opens nothing any more.", {"id": str(token_id), "revoked": True}, as_json=as_json)
