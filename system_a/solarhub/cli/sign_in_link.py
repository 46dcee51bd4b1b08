"""`solarhub sign-in-link EMAIL`: the way in for somebody whom no letter reaches."""

from typing import Annotated

import typer

from solarhub.accounts.setup import sign_in_link
from solarhub.audit.recording import record
from solarhub.cli.operator import DataDir, Desk, operate
from solarhub.cli.shown import AsJson, show_done
from solarhub.kit.errors import NotFound

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command("sign-in-link", help="Print a link that signs somebody in once, within a quarter of an hour.")
def print_link(
    email: Annotated[str, typer.Argument(help="Their e-mail address.")],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """A second factor is asked for all the same."""
    link = operate(data_dir, lambda desk: _link(desk, email))
    show_done(link, {"email": email, "link": link}, as_json=as_json)


async def _link(desk: Desk, email: str) -> str:
    link = await sign_in_link(desk.databases.auth, desk.public_url, email)
    if link is None:
        raise NotFound(f"Nobody in use has the address {email}: `solarhub users list` shows everybody.")
    async with desk.people() as auth:
        await record(auth, "person.sign_in_link", "person", after={"email": email.lower()})
    return link
