"""`solarhub orgs …`: the organizations of this hub."""

from typing import Annotated

import typer

from solarhub.accounts.registration import find_or_enter, pending
from solarhub.audit.recording import follow
from solarhub.cli.operator import OPERATOR, DataDir, Desk, operate
from solarhub.cli.shown import AsJson, show_done, show_list, show_one
from solarhub.organizations import inviting, life, registration
from solarhub.organizations.access import enter_one
from solarhub.organizations.schemas.organizations import OrganizationAnswer, OrganizationRegistration

app = typer.Typer(
    help="The organizations of this hub.", no_args_is_help=True, rich_markup_mode=None, add_completion=False
)

Name = Annotated[str, typer.Argument(metavar="ORGANIZATION", help="Its slug, id or name.")]

_COLUMNS = {"name": "Name", "slug": "Slug", "status": "Status", "id": "Id"}


@app.command("list")
def list_them(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Print every organization, by name."""

    async def work(desk: Desk) -> list[OrganizationAnswer]:
        async with desk.nowhere() as session:
            return [
                OrganizationAnswer.model_validate(await enter_one(session, known.id)) for known in await desk.every()
            ]

    show_list(operate(data_dir, work), _COLUMNS, as_json=as_json)


@app.command()
def show(name: Name, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Print what is known of one."""

    async def work(desk: Desk) -> OrganizationAnswer:
        known = await desk.organization(name)
        async with desk.nowhere() as session:
            return OrganizationAnswer.model_validate(await enter_one(session, known.id))

    show_one(operate(data_dir, work), as_json=as_json)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What it is called.")],
    *,
    owner: Annotated[str, typer.Option(metavar="EMAIL", help="Whose it is; found by the address, or entered.")],
    first_name: Annotated[str, typer.Option(help="Of an owner who has no account yet.")] = "Owner",
    last_name: Annotated[str, typer.Option(help="Of an owner who has no account yet.")] = "Unknown",
    slug: Annotated[str | None, typer.Option(help="Its name in addresses; made of the name by itself.")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Enter an organization; prints the link that lets in an owner who has no password yet."""
    document = {"name": name, "owner": {"email": owner, "first_name": first_name, "last_name": last_name}}
    wanted = OrganizationRegistration.parse(document | ({"slug": slug} if slug else {}))

    async def work(desk: Desk) -> tuple[str, str, str | None]:
        async with desk.nowhere() as session:
            whose = await find_or_enter(session, wanted.owner)
            follow(session, OPERATOR)
            made = await registration.found(session, whose, wanted)
        async with desk.people() as auth:
            has_a_password = await pending(auth, made.owner_id) is None
        if has_a_password:
            return str(made.id), made.slug, None
        async with desk.inside(str(made.id)) as office:
            organization = await life.find_to_change(office.session, made.id)
            _, handed = await inviting.invite_owner(
                office.session, desk.keyring, desk.public_url, organization, made.owner_id
            )
        return str(made.id), made.slug, handed.link

    made, its_slug, link = operate(data_dir, work)
    said = f"{name} is entered as {its_slug} ({made})."
    said += f" {owner} chooses a password here:\n{link}" if link else f" It belongs to {owner}."
    show_done(said, {"id": made, "slug": its_slug, "invitation": link}, as_json=as_json)


@app.command()
def suspend(name: Name, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Let it be read and not changed, and take no samples of its devices."""
    _move(name, "suspend", data_dir, as_json)


@app.command()
def reactivate(name: Name, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Take it back into use."""
    _move(name, "reactivate", data_dir, as_json)


def _move(name: str, verb: str, data_dir: DataDir, as_json: bool) -> None:
    async def work(desk: Desk) -> OrganizationAnswer:
        async with desk.inside(name) as office:
            organization = await life.find_to_change(office.session, office.here.organization.id)
            await life.move(office.session, organization, verb)
            return OrganizationAnswer.model_validate(organization)

    moved = operate(data_dir, work)
    show_done(f"{moved.name} is {moved.status} now.", moved.model_dump(mode="json"), as_json=as_json)
