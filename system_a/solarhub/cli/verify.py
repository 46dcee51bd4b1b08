"""`solarhub verify`: whether the alerts are those that the stored samples call for."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from solarhub.alerts.verification import NOT_JUDGED_YET, Verified
from solarhub.alerts.verification import verify as verify_alerts
from solarhub.cli.operator import DataDir, Desk, operate
from solarhub.cli.shown import AsJson, show_done, show_list
from solarhub.kit.clock import now

app = typer.Typer(rich_markup_mode=None, add_completion=False)

_COLUMNS = {
    "what": "What",
    "triggered_at": "Fired",
    "organization": "Organization",
    "rule": "Rule",
    "device": "Device",
    "streak_should_start_at": "Breach since",
    "streak_started_at": "Recorded",
    "should_be_resolved_at": "Clear at",
    "resolved_at": "Recorded",
}


@app.command()
def verify(
    *,
    start: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="In UTC; else a day ago."),
    ] = None,
    end: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="In UTC; else now.")
    ] = None,
    organization: Annotated[
        str | None, typer.Option("--organization", "-o", help="This one alone: its slug, or its id.", metavar="SLUG")
    ] = None,
    settled_for: Annotated[
        int, typer.Option(min=0, help="Leave out what was received within so many seconds.", metavar="SECONDS")
    ] = int(NOT_JUDGED_YET.total_seconds()),
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Work out from the stored samples which alerts should have fired, and print where the recorded ones differ.

    It does so by SQL that shares nothing with judging, and reads every sample of the stretch: it is slow. Rules are
    taken as they are now, from where they began to ask so. Ends with status 1 where anything differs.
    """
    until = end.replace(tzinfo=UTC) if end else now()
    since = start.replace(tzinfo=UTC) if start else until - timedelta(days=1)

    async def work(desk: Desk) -> list[Verified]:
        known = [await desk.organization(organization)] if organization else await desk.every()
        named = [(each.id, each.slug) for each in known]
        looked_at = verify_alerts(
            desk.databases.worker, named, since, until, now(), settled_for=timedelta(seconds=settled_for)
        )
        return [each async for each in looked_at]

    found = operate(data_dir, work)
    differences = [difference for each in found for difference in each.differences]
    if as_json:
        show_done("", {"organizations": [each.model_dump(mode="json") for each in found]}, as_json=True)
    else:
        if differences:
            show_list(differences, _COLUMNS, as_json=False)
        samples, alerts = sum(each.samples for each in found), sum(each.alerts for each in found)
        print(
            f"{alerts:,} alerts should have fired between {since:%Y-%m-%d %H:%M} and {until:%Y-%m-%d %H:%M} UTC,"
            f" by {samples:,} samples held against rules; {len(differences):,} differ."
        )
    if differences:
        raise typer.Exit(1)
