"""`solarhub create-admin EMAIL`: somebody who runs the hub."""

import sys
from typing import Annotated

import typer

from solarhub.accounts import links
from solarhub.accounts.password_rules import words_of
from solarhub.accounts.passwords import Passwords
from solarhub.accounts.registration import complete, enter_admin, pending
from solarhub.accounts.schemas import Person
from solarhub.audit.recording import record
from solarhub.cli.operator import DataDir, Desk, operate
from solarhub.cli.shown import AsJson, show_done

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command("create-admin", help="Let somebody run the hub: a new account, or the one with that e-mail address.")
def create_admin(
    email: Annotated[str, typer.Argument(help="Their e-mail address.")],
    *,
    first_name: Annotated[str, typer.Option(help="Of a new account.")] = "Hub",
    last_name: Annotated[str, typer.Option(help="Of a new account.")] = "Admin",
    link: Annotated[
        bool, typer.Option("--link", help="Print a link to choose a password, instead of asking for one here.")
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Asks for the password where somebody can type one, without showing it; prints a link otherwise."""
    person = Person.parse({"email": email, "first_name": first_name, "last_name": last_name})
    asks = not link and not as_json and sys.stdin.isatty()
    password = (
        typer.prompt("Password (12 to 128 characters)", hide_input=True, confirmation_prompt=True) if asks else None
    )
    link_to_password, has_password = operate(data_dir, lambda desk: _create(desk, person, password))
    said = f"{person.email} runs this hub now."
    if link_to_password:
        said += f" They choose a password here, within the hour:\n{link_to_password}"
    elif has_password:
        said += " Their account was there before, and keeps its password."
    show_done(said, {"email": person.email, "link": link_to_password}, as_json=as_json)


async def _create(desk: Desk, person: Person, password: str | None) -> tuple[str | None, bool]:
    """A link to choose a password where none is given or known; and whether one was known before."""
    hashed = await Passwords().chosen(password, _words(person)) if password is not None else None
    async with desk.nowhere() as session:
        user = await enter_admin(session, person)
    async with desk.people() as auth:
        await record(auth, "person.create_admin", "person", user.id, after={"email": user.email})
        waiting = await pending(auth, user.id)
        if waiting is None:
            return None, True
        if hashed is None:
            return await links.issue(auth, desk.public_url, "reset_password", user_id=user.id), False
    async with desk.nowhere() as session:
        await complete(session, waiting, first_name=person.first_name, last_name=person.last_name, password_hash=hashed)
    return None, False


def _words(person: Person) -> frozenset[str]:
    return words_of(person.email, person.first_name, person.last_name)
