"""`solarhub discos`: the distribution companies that sites may name."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from solarhub.config import Settings
from solarhub.kit.db import Database, Session, transaction
from solarhub.kit.errors import Problem
from solarhub.kit.postgres import ServerTrouble, default_data_dir, start
from solarhub.sites import disco
from solarhub.sites.schemas import DiscoRegistration

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="The distribution companies that sites may name.")

DataDir = Annotated[Path | None, typer.Option(help="Where the embedded database lives.", show_default=False)]


@app.command(name="list")
def show(data_dir: DataDir = None) -> None:
    """Print code, region and name of each."""
    for company in _as_owner(data_dir, disco.every):
        print(f"{company.code:<12} {company.region:<14} {company.name}")


@app.command()
def add(
    code: Annotated[str, typer.Argument(help="2 to 32 of a-z, 0-9 and underscore, such as hazeco.")],
    name: Annotated[str, typer.Argument(help="The company's full name.")],
    region: Annotated[str, typer.Argument(help="Where it distributes.")],
    data_dir: DataDir = None,
) -> None:
    """Put a company on the list: from then on sites may name it."""

    async def enter(session: Session) -> None:
        registration = DiscoRegistration.parse({"code": code, "name": name, "region": region})
        await disco.add(session, registration)

    _as_owner(data_dir, enter)
    print(f"Sites may name {code} now.")


def _as_owner(data_dir: Path | None, work: Callable[[Session], Awaitable[Any]]) -> Any:
    """Runs it as whoever may change the tables: on the server of the environment, or on the embedded one."""
    settings = Settings()
    try:
        if data_dir is None and settings.database_url is not None:
            if settings.owner_database_url is None:
                raise SystemExit("Set SOLARHUB_OWNER_DATABASE_URL: the list belongs to whoever owns the database.")
            return asyncio.run(_run(settings.owner_database_url, work))
        with start(data_dir or settings.data_dir or default_data_dir()) as server:
            return asyncio.run(_run(server.url("solarhub_admin"), work))
    except (Problem, ServerTrouble) as trouble:
        raise SystemExit(str(trouble)) from None


async def _run(url: str, work: Callable[[Session], Awaitable[Any]]) -> Any:
    database = Database(url, "worker", pool_size=1)
    try:
        async with transaction(database) as session:
            return await work(session)
    finally:
        await database.close()
