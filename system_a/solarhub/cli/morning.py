"""`solarhub morning`: what needs somebody, ready to be pasted into a chat."""

from typing import Annotated
from uuid import UUID

import typer

from solarhub.accounts.vocabulary import Language
from solarhub.cli.operator import DataDir, Desk, operate
from solarhub.cli.shown import AsJson, show_one
from solarhub.fleet.gathering import fleet_everywhere
from solarhub.fleet.morning import morning
from solarhub.fleet.reach import reach_of
from solarhub.fleet.schemas.overview import FleetAnswer
from solarhub.fleet.summary import Fleet
from solarhub.fleet.wording import WORDS
from solarhub.kit.clock import now
from solarhub.organizations.access import standings_of
from solarhub.organizations.actor import Actor

app = typer.Typer(rich_markup_mode=None, add_completion=False)

_NOBODY = UUID(int=0)


@app.command("morning", help="Print how the plants stand and what needs somebody, in at most 1,000 characters.")
def print_morning(
    organization: Annotated[
        str | None,
        typer.Option("--organization", "-o", help="This organization alone: its slug, or its id.", metavar="SLUG"),
    ] = None,
    language: Annotated[Language, typer.Option("--language", help="Of the sentences.")] = Language.ENGLISH,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """With --json the whole overview, as `GET /api/v1/fleet` answers it."""
    fleet = operate(data_dir, lambda desk: _fleet(desk, organization))
    if as_json:
        show_one(FleetAnswer.of(fleet, WORDS[language]), as_json=True)
    else:
        print(morning(fleet, WORDS[language]))


async def _fleet(desk: Desk, organization: str | None) -> Fleet:
    known = await desk.organization(organization) if organization is not None else None
    operator = Actor(_NOBODY, is_super_admin=True, second_factor=True)
    standings = await standings_of(desk.databases.auth, operator)
    wanted = [each for each in standings if known is None or each.organization.id == known.id]
    async with desk.nowhere() as session:
        return await fleet_everywhere(session, reach_of(wanted), now())
