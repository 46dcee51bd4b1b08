"""`solarhub grants …`: who sees single plants of an organization."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from solarhub.cli.operator import DataDir, Desk, OrganizationName, operate, whole
from solarhub.cli.shown import AsJson, show_done, show_list
from solarhub.organizations.vocabulary import OrgMemberRole
from solarhub.sites import grants, registry
from solarhub.sites.api.grants import list_grants
from solarhub.sites.schemas import GrantAnswer, GrantFilter, GrantRequest

app = typer.Typer(
    help="Who sees single plants of an organization.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

SiteId = Annotated[UUID, typer.Argument(metavar="SITE", help="Its id, as `solarhub sites list` prints it.")]

_COLUMNS = {
    "site_name": "Plant",
    "name": "Name",
    "email": "E-mail",
    "organization": "Organization",
    "role": "Role",
    "state": "State",
    "expires_at": "Until",
    "site_id": "Plant's id",
    "id": "Id",
}


@app.command("list")
def list_them(organization: OrganizationName, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Print everybody who sees a plant without belonging to the organization, or is invited to."""

    async def work(desk: Desk) -> list[GrantAnswer]:
        async with desk.inside(organization) as office:
            return await whole(
                lambda offset: list_grants(GrantFilter(limit=500, offset=offset), office.here, office.session)
            )

    show_list(operate(data_dir, work), _COLUMNS, as_json=as_json)


@app.command()
def add(
    site_id: SiteId,
    *,
    organization: OrganizationName,
    email: Annotated[str | None, typer.Option(help="Whose the invitation is; or else")] = None,
    name: Annotated[str | None, typer.Option(help="a name, and whoever holds the link takes it up; or else")] = None,
    phone: Annotated[str | None, typer.Option(help="a telephone number; or else")] = None,
    to: Annotated[
        str | None, typer.Option("--to-organization", metavar="SLUG", help="another organization of this hub.")
    ] = None,
    role: Annotated[OrgMemberRole, typer.Option(help="What they may do there.")] = OrgMemberRole.VIEWER,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="When it ends by itself, in UTC.")
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Let somebody see one plant; prints the link with which they take it up."""
    asked = {"email": email, "name": name, "phone": phone, "organization": to, "role": role.value}
    document = {key: value for key, value in asked.items() if value is not None}
    wanted = GrantRequest.parse(
        document | ({"expires_at": until.replace(tzinfo=UTC).isoformat()} if until is not None else {})
    )

    async def work(desk: Desk) -> tuple[str, str]:
        async with desk.inside(organization) as office:
            site = await registry.find_to_change(office.session, site_id)
            made, link = await grants.grant(
                office.session, office.here, site, wanted, keyring=desk.keyring, public_url=desk.public_url
            )
            return str(made.id), link.link

    made, link = operate(data_dir, work)
    show_done(link, {"id": made, "link": link}, as_json=as_json)


@app.command()
def revoke(
    site_id: SiteId,
    grant_id: Annotated[UUID, typer.Argument(metavar="GRANT", help="As `solarhub grants list` prints it.")],
    organization: OrganizationName,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """End it at once; the link of an invitation opens nothing any more."""

    async def work(desk: Desk) -> None:
        async with desk.inside(organization) as office:
            await grants.remove(office.session, await grants.find_to_change(office.session, site_id, grant_id))

    operate(data_dir, work)
    show_done(f"{grant_id} has ended.", {"id": str(grant_id), "revoked": True}, as_json=as_json)
