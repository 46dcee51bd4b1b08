"""`solarhub create-admin EMAIL`: somebody who runs the hub."""

import sys
from typing import Annotated

import typer

from solarhub.accounts import links
from solarhub.accounts.own_words import own_words
from solarhub.accounts.passwords import Passwords
from solarhub.accounts.registration import enter_admin
from solarhub.accounts.schemas import Person
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
    shown = operate(data_dir, lambda desk: _create(desk, person, password))
    if password is not None:
        show_done(f"{person.email} runs this hub now.", {"email": person.email}, as_json=as_json)
    else:
        show_done(
            f"{person.email} runs this hub now, and chooses a password here within the hour:\n{shown}",
            {"email": person.email, "link": shown},
            as_json=as_json,
        )


async def _create(desk: Desk, person: Person, password: str | None) -> str:
    passwords = Passwords()
    async with desk.nowhere() as session:
        user = await enter_admin(session, person)
        if password is not None:
            words = await own_words(desk.databases.auth, user)
            user.password_hash = await passwords.chosen(password, words)
            await session.flush()
    async with desk.people() as auth:
        return await links.issue(auth, desk.public_url, "reset_password", user_id=user.id)
