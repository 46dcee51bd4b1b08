"""Whole requests, and what stands behind each: the statements it sends, on a raw connection, or the hash it makes.

A request is measured in the process of the hub, without a socket, so that what is compared is the hub's own work. The
bare figure replays the very statements that the request was overheard sending, with their parameters, by asyncpg.
"""

import time
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import numpy as np
from fastapi import FastAPI
from solarhub.accounts.passwords import Passwords
from solarhub.accounts.sessions import COOKIE
from solarhub.app import create_app
from solarhub.kit.db import Database, Databases
from solarhub.kit.libpq import asyncpg_arguments
from solarhub.kit.postgres import Server
from solarhub.kit.sealing import Keyring, new_key
from solarhub.kit.tokens import SESSION, new_token, sha256_of
from sqlalchemy import event

from benchmarks.fleet import Fleet
from benchmarks.people import email
from benchmarks.server import admin

WARM_UP = 20
RUNS = 200
SIGN_INS = 40
PASSWORD = "correct horse battery staple of the benchmark"  # noqa: S105 - of people who live for one benchmark

Work = Callable[[], Awaitable[Any]]


@dataclass(frozen=True)
class Request:
    """A request's median in ms, that of what stands behind it, and how many times as long the request took."""

    figure: str
    says: str
    behind: str
    p50_ms: float
    p99_ms: float
    bare_p50_ms: float

    @property
    def ratio(self) -> float:
        return round(self.p50_ms / self.bare_p50_ms, 2)


async def measure_requests(server: Server, fleet: Fleet) -> list[Request]:
    """Fifty alerts of a million, the overview of a thousand devices, signing in."""
    databases = Databases(
        app=Database(server.url("solarhub_app"), "app"),
        auth=Database(server.url("solarhub_auth"), "auth"),
        worker=Database(server.url("solarhub_worker"), "worker"),
    )
    app = create_app(databases, keyring=Keyring.parse(new_key()), public_url="https://hub.example.org")
    app.state.hub.obstacle = None  # its routes are asked; what runs behind them would be in the figures
    app.state.rates.spend = lambda _kind, _name: None
    superuser = await asyncpg.connect(**asyncpg_arguments(admin(server)))
    try:
        biggest, thousand = fleet.by_size()[0], _of_a_thousand(fleet)
        alerts = f"/api/v1/organizations/{biggest}/alerts?limit=50"
        overview = f"/api/v1/organizations/{thousand}/fleet"
        async with _owner_of(app, superuser, biggest) as client:
            listed = await _request(databases, server, client, alerts)
        async with _owner_of(app, superuser, thousand) as client:
            shown = await _request(databases, server, client, overview)
        signed_in = await _sign_in(app, superuser)
    finally:
        await superuser.close()
        await databases.close()
    return [
        Request("alerts_list", "GET 50 alerts of 1M, biggest organization", "its statements", *listed),
        Request("fleet_overview", "GET the fleet overview of 1,000 devices", "its statements", *shown),
        Request("sign_in", "POST a sign-in", "one argon2id verification", *signed_in),
    ]


def _of_a_thousand(fleet: Fleet) -> UUID:
    """The organization that has the number of devices nearest to a thousand."""
    devices = np.bincount(fleet.site_organization[fleet.device_site], minlength=fleet.size.organizations)
    return fleet.ids.organizations[int(np.argmin(np.abs(devices - 1000)))]


@asynccontextmanager
async def _owner_of(app: FastAPI, superuser: "asyncpg.Connection[Any]", organization: UUID) -> Any:
    token = new_token(SESSION)
    owner = await superuser.fetchval(
        "update organizations set status = 'active', settings = '{}' where id = $1 returning owner_id", organization
    )
    await superuser.execute("update users set is_active = true where id = $1", owner)
    await superuser.execute(
        "insert into user_sessions (user_id, token_sha256, second_factor_at, expires_at)"
        " values ($1, $2, now(), now() + interval '1 day')",
        owner,
        sha256_of(token),
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport, base_url="https://hub.example.org", cookies={COOKIE: token}
    ) as client:
        yield client


async def _request(
    databases: Databases, server: Server, client: httpx.AsyncClient, path: str
) -> tuple[float, float, float]:
    async def ask() -> None:
        (await client.get(path)).raise_for_status()

    for _ in range(WARM_UP):
        await ask()
    overheard: dict[str, list[tuple[str, Any]]] = {"app": [], "auth": []}
    for role, statements in overheard.items():
        engine = getattr(databases, role).engine.sync_engine
        event.listen(engine, "before_cursor_execute", _listener(statements))
    await ask()
    heard = {role: list(statements) for role, statements in overheard.items()}
    took = await _timed(ask, RUNS)
    bare = np.zeros(RUNS)
    for role, statements in heard.items():
        bare += await _replayed(server, role, statements)
    return *_percentiles(took), _percentiles(bare)[0]


def _listener(statements: list[tuple[str, Any]]) -> Callable[..., None]:
    def listen(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        statements.append((statement, parameters))

    return listen


async def _replayed(server: Server, role: str, statements: list[tuple[str, Any]]) -> "np.ndarray[Any, Any]":
    """The statements of one role in one transaction, prepared once as the hub's driver does."""
    connection = await asyncpg.connect(**asyncpg_arguments(server.url(f"solarhub_{role}")))
    try:

        async def run() -> None:
            async with connection.transaction(readonly=True):
                for statement, parameters in statements:
                    await connection.fetch(statement, *parameters)

        for _ in range(WARM_UP):
            await run()
        return await _timed(run, RUNS)
    finally:
        await connection.close()


async def _sign_in(app: FastAPI, superuser: "asyncpg.Connection[Any]") -> tuple[float, float, float]:
    passwords: Passwords = app.state.passwords
    made = await passwords.hashed(PASSWORD)
    people = [email(user) for user in range(SIGN_INS + WARM_UP) if user % 50]
    await superuser.execute(
        "update users set password_hash = $1, is_active = true, role = 'viewer' where email = any ($2)", made, people
    )
    transport = httpx.ASGITransport(app=app)
    waiting = iter(people)

    async with httpx.AsyncClient(transport=transport, base_url="https://hub.example.org") as client:

        async def sign_in() -> None:
            answer = await client.post("/api/v1/sessions", json={"email": next(waiting), "password": PASSWORD})
            answer.raise_for_status()

        async def forget() -> None:
            client.cookies.clear()
            await superuser.execute("delete from throttles")

        for _ in range(WARM_UP):
            await sign_in()
            await forget()
        took = await _timed(sign_in, len(people) - WARM_UP, between=forget)

    async def verify() -> None:
        await passwords.matches(made, PASSWORD)

    bare = await _timed(verify, SIGN_INS)
    return *_percentiles(took), _percentiles(bare)[0]


async def _timed(work: Work, runs: int, between: Work | None = None) -> "np.ndarray[Any, Any]":
    """Milliseconds of each run; what is done `between` them is not counted."""
    took = np.zeros(runs)
    for run in range(runs):
        started = time.perf_counter()
        await work()
        took[run] = (time.perf_counter() - started) * 1000
        if between is not None:
            await between()
    return took


def _percentiles(took: "np.ndarray[Any, Any]") -> tuple[float, float]:
    p50, p99 = np.percentile(took, (50, 99))
    return round(float(p50), 3), round(float(p99), 3)
