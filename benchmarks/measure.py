"""Asks one question many times, as the role that asks it in the hub, and looks at how the server answered.

What is timed is the call inside an open transaction: SQLAlchemy, driver, socket and server together, all rows fetched.
A connection is kept for all runs, so that the server's choice between a plan for these parameters and one for any is in
the figures too, and the plan that is shown is the one that it chose.
"""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa
from solarhub.kit.db import Database, Session
from solarhub.organizations import access
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks import plans
from benchmarks.questions import Asked, Question

BIG = ("users", "organization_members", "sites", "devices", "alert_rules", "alerts")
"""Tables that no question may read from end to end."""

WARM_UP = 20
PLANNED = 10
"""How many of the cases are also explained: a plan may differ from one organization to the next."""


@dataclass(frozen=True)
class Answer:
    """Milliseconds, the median number of rows that came back, the indexes used, and what must not be."""

    figure: str
    says: str
    role: str
    p50_ms: float
    p99_ms: float
    rows: int
    indexes: list[str]
    faults: list[str]


async def measure(database: Database, question: Question, cases: Sequence[Asked], *, biggest: bool) -> Answer:
    """One run for each case, after a warm-up with the first of them. `biggest` says so in the answer's names."""
    for case in cases[:WARM_UP]:
        await _run(database, question, case)
    before = await _sequential_scans(database)
    runs = [await _run(database, question, case) for case in cases]
    after = await _sequential_scans(database)
    scanned = {table: after[table] - before[table] for table in BIG}
    faults = [f"{table} was scanned {times} times" for table, times in scanned.items() if times]
    used: list[str] = []
    for case in cases[:PLANNED]:
        for plan in await _plans(database, question, case):
            used += plans.indexes(plan)
            faults += [f"the plan reads all of {table}" for table in plans.sequential_scans(plan, BIG)]
    p50, p99 = np.percentile([milliseconds for milliseconds, _ in runs], (50, 99))
    return Answer(
        figure=f"{question.figure}_biggest_organization" if biggest else question.figure,
        says=f"{question.says}, biggest organization" if biggest else question.says,
        role=question.role,
        p50_ms=round(float(p50), 3),
        p99_ms=round(float(p99), 3),
        rows=int(np.median([rows for _, rows in runs])),
        indexes=list(dict.fromkeys(used)),
        faults=list(dict.fromkeys(faults)),
    )


async def _run(database: Database, question: Question, case: Asked) -> tuple[float, int]:
    async with database.session() as session:
        await _enter(session, question, case)
        started = time.perf_counter()
        rows = await question.ask(session, case)
        return (time.perf_counter() - started) * 1000, rows


async def _enter(session: Session, question: Question, case: Asked) -> None:
    """Opens the transaction; where the app asks, for one organization."""
    if question.role == "app":
        await access.enter_as_operator(session, case.organization)
    await session.connection()


async def _plans(database: Database, question: Question, case: Asked) -> list[dict[str, Any]]:
    """The plans of every statement that the question sends."""
    async with database.session() as session:
        await _enter(session, question, case)
        with _overheard(database) as statements:
            await question.ask(session, case)
        connection = await session.connection()
        return [await _plan(connection, statement, parameters) for statement, parameters in statements]


async def _plan(connection: AsyncConnection, statement: str, parameters: tuple[Any, ...]) -> dict[str, Any]:
    """The plan that the server keeps for any parameters, where it has come to use one; else the one for these."""
    kept = await connection.execute(
        sa.text("select name, generic_plans from pg_prepared_statements where statement = :it"), {"it": statement}
    )
    explain = "EXPLAIN (FORMAT JSON)"
    name, generic_plans = kept.one()
    if generic_plans:
        await connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
        nothing = ", ".join(["NULL"] * len(parameters))
        explained = await connection.exec_driver_sql(f'{explain} EXECUTE "{name}"({nothing})')
        await connection.exec_driver_sql("SET LOCAL plan_cache_mode = auto")
    else:
        explained = await connection.exec_driver_sql(f"{explain} {statement}", parameters)
    answer = explained.scalar_one()
    plan: dict[str, Any] = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    return plan


@contextmanager
def _overheard(database: Database) -> Iterator[list[tuple[str, Any]]]:
    statements: list[tuple[str, Any]] = []

    def listen(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        statements.append((statement, parameters))

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", listen)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", listen)


async def _sequential_scans(database: Database) -> dict[str, int]:
    """How often the server has scanned each big table so far, the runs of this very connection included."""
    async with database.session() as session:
        await session.execute(sa.text("select pg_stat_force_next_flush()"))
        await session.commit()
        found = await session.execute(
            sa.text("select relname, seq_scan from pg_stat_user_tables where relname = any(:big)"), {"big": list(BIG)}
        )
        return {row.relname: row.seq_scan for row in found}
