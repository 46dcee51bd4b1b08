"""`python -m benchmarks`: loads the fleet into a throw-away server, asks the questions, prints and keeps the answers.

QUICK=1 takes a tenth of the rows and keeps nothing: figures compare at full size alone.
"""

import asyncio
import os
import platform
import sys
from collections.abc import Mapping

import numpy as np
from rich.console import Console
from solarhub.kit.clock import now
from solarhub.kit.db import Database
from solarhub.kit.postgres import Server, ServerTrouble

from benchmarks import report
from benchmarks.fleet import DOCUMENT, Fleet
from benchmarks.load import load
from benchmarks.measure import Answer, measure
from benchmarks.questions import QUESTIONS, Asked
from benchmarks.requests import measure_requests
from benchmarks.server import admin, throw_away


def main() -> int:
    quick = os.environ.get("QUICK", "") not in ("", "0")
    console = Console()
    if not console.is_terminal:
        console.width = 140
    fleet = Fleet.made(DOCUMENT.divided(10 if quick else 1), now())
    busy = os.getloadavg()[0]
    try:
        with throw_away() as server:
            context = asyncio.run(load(admin(server), fleet, console))
            answers = asyncio.run(_ask_all(server, fleet, console))
            with console.status("Asking as people do"):
                requests = asyncio.run(measure_requests(server, fleet))
    except ServerTrouble as error:
        console.print(str(error), soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped; its server and directory are gone.")
        return 130
    report.show(console, answers, requests)
    faults = [f"{answer.figure}: {fault}" for answer in answers for fault in answer.faults]
    if faults:
        console.print(f"A big table was read from end to end: {'; '.join(faults)}.", style="red", soft_wrap=True)
        return 1
    if quick:
        console.print("A quick run is not kept: figures compare at full size alone.")
        return 0
    report.keep(answers, requests, context, _setting(context, busy))
    console.print("Kept in benchmarks/latest.json and benchmarks/latest.md")
    return 0


async def _ask_all(server: Server, fleet: Fleet, console: Console) -> list[Answer]:
    """Every question on one connection of its role; one about an organization once of any, once of the biggest."""
    organizations = fleet.by_size()
    rng = np.random.default_rng(11)
    answers = []
    with console.status("Asking") as status:
        for question in QUESTIONS:
            status.update(f"Asking as {question.role}: {question.says}")
            database = Database(server.url(f"solarhub_{question.role}"), question.role, pool_size=1, max_overflow=0)
            try:
                whom = (organizations, organizations[:1]) if question.role == "app" else (organizations,)
                for chosen in whom:
                    drawn = rng.integers(len(chosen), size=question.runs)
                    cases = [Asked(fleet, chosen[which], number) for number, which in enumerate(drawn.tolist())]
                    answers.append(await measure(database, question, cases, biggest=len(chosen) == 1))
            finally:
                await database.close()
    return answers


def _setting(context: Mapping[str, float], busy: float) -> str:
    """What somebody who compares must know: machine, size, how it was timed."""
    rows = sum(count for figure, count in context.items() if figure.startswith("rows_"))
    return (
        f"`make bench`: PostgreSQL 18 (embedded), {os.cpu_count()} cores ({platform.machine()}), "
        f"Python {platform.python_version()}, {rows:,.0f} rows. Each question: 500 runs (the roll-forward: 50) "
        "on one connection, parameters varied, timed inside an open transaction until all rows were fetched. "
        f"Load average of the machine before it began: {busy:.1f}."
    )


if __name__ == "__main__":
    sys.exit(main())
