"""`solarhub users …`: everybody with an account."""

from typing import Annotated
from uuid import UUID

import typer

from solarhub.accounts import links, users
from solarhub.accounts.api.users import UserPage, list_users
from solarhub.accounts.person import Person
from solarhub.accounts.preferences import Dashboard
from solarhub.accounts.schemas.answers import UserAnswer
from solarhub.accounts.vocabulary import Language
from solarhub.audit.recording import record
from solarhub.cli.operator import DataDir, Desk, operate, whole
from solarhub.cli.shown import AsJson, show_done, show_list, show_one
from solarhub.kit.db import Session
from solarhub.kit.errors import NotFound

app = typer.Typer(help="Everybody with an account.", no_args_is_help=True, rich_markup_mode=None, add_completion=False)

Email = Annotated[str, typer.Argument(help="Their e-mail address.")]

_NOBODY = UUID(int=0)
_OPERATOR = Person(
    user_id=_NOBODY,
    session_id=_NOBODY,
    email="operator",
    name="The operator",
    is_super_admin=True,
    is_verified=True,
    second_factor=True,
    language=Language.ENGLISH,
    timezone="UTC",
    dashboard=Dashboard(),
)
"""Whoever sits at the machine has no account; the list asks for somebody who runs the hub."""

_COLUMNS = {
    "email": "E-mail",
    "first_name": "First name",
    "last_name": "Last name",
    "role": "Role",
    "is_active": "Active",
    "is_verified": "Verified",
    "second_factor": "2nd factor",
    "id": "Id",
}


@app.command("list")
def list_them(
    search: Annotated[str | None, typer.Option(help="Part of a name or an e-mail address.")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Print everybody, by e-mail address."""

    async def work(desk: Desk) -> list[UserAnswer]:
        async with desk.people() as auth:
            return await _everybody(auth, search)

    show_list(operate(data_dir, work), _COLUMNS, as_json=as_json)


@app.command()
def show(email: Email, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Print what is known of one person."""

    async def work(desk: Desk) -> UserAnswer:
        async with desk.people() as auth:
            return await _find(auth, email)

    show_one(operate(data_dir, work), as_json=as_json)


@app.command()
def deactivate(email: Email, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Let a person in no more: whatever they are signed in to ends at once."""

    async def work(desk: Desk) -> None:
        async with desk.people() as auth:
            await users.deactivate(auth, (await _find(auth, email)).id)

    operate(data_dir, work)
    show_done(f"{email} is let in no more.", {"email": email, "is_active": False}, as_json=as_json)


@app.command()
def reactivate(email: Email, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Let a person in again, who signs in anew."""

    async def work(desk: Desk) -> None:
        async with desk.people() as auth:
            await users.reactivate(auth, (await _find(auth, email)).id)

    operate(data_dir, work)
    show_done(f"{email} may sign in again.", {"email": email, "is_active": True}, as_json=as_json)


@app.command("reset-link")
def reset_link(email: Email, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Print a link with which a person chooses a new password, within the hour."""

    async def work(desk: Desk) -> str:
        async with desk.people() as auth:
            user = await _find(auth, email)
            await record(auth, "person.reset_link", "person", user.id)
            return await links.issue(auth, desk.public_url, "reset_password", user_id=user.id)

    link = operate(data_dir, work)
    show_done(link, {"email": email, "link": link}, as_json=as_json)


async def _everybody(auth: Session, search: str | None) -> list[UserAnswer]:
    return await whole(lambda offset: list_users(UserPage(limit=500, offset=offset, search=search), _OPERATOR, auth))


async def _find(auth: Session, email: str) -> UserAnswer:
    for user in await _everybody(auth, email):
        if user.email == email.lower():
            return user
    raise NotFound(f"Nobody has the address {email}: `solarhub users list` shows everybody.")
