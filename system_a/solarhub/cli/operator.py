"""Whoever operates the machine: acts on the hub's database directly, beside the hub or without it.

Nobody signs in here: whoever may read the database's files, or holds its URLs, is the operator. What they do goes
through the same use cases as everybody's doings, and stands in the audit log as the operator's.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from solarhub.audit.recording import Trail, follow
from solarhub.cli.reach import USUAL_PUBLIC_URL, public_url_of
from solarhub.cli.secret_keys import keyring_of
from solarhub.config import Settings
from solarhub.kit.db import Database, Databases, Session, transaction
from solarhub.kit.errors import Conflict, NotFound
from solarhub.kit.paging import Listing
from solarhub.kit.postgres import default_data_dir, has_database, start
from solarhub.kit.safety import revision
from solarhub.kit.sealing import Keyring
from solarhub.organizations.access import KnownOrganization, Standing, enter_one, known_organizations, standing_of
from solarhub.organizations.actor import Actor

T = TypeVar("T")
L = TypeVar("L")

OPERATOR = Trail("operator")

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="The hub's data directory (or SOLARHUB_DATA_DIR).", metavar="DIR"),
]
OrganizationName = Annotated[
    str, typer.Option("--organization", "-o", help="Which organization: its slug, or its id.", metavar="SLUG")
]


@dataclass(frozen=True, slots=True)
class Office:
    """A transaction inside an organization, with every right there: the operator stands in for its owner."""

    session: Session
    here: Standing


@dataclass(frozen=True)
class Desk:
    """What an operator works with. `public_url` is what links begin with."""

    databases: Databases
    keyring: Keyring
    public_url: str

    @asynccontextmanager
    async def people(self) -> AsyncIterator[Session]:
        """A transaction of the auth role, in which people's accounts are."""
        async with transaction(self.databases.auth) as session:
            follow(session, OPERATOR)
            yield session

    @asynccontextmanager
    async def nowhere(self) -> AsyncIterator[Session]:
        """A transaction that stands in no organization yet, for one that is only now being made.

        Nothing is written down by itself there: the app role keeps the books of organizations alone.
        """
        async with transaction(self.databases.app) as session:
            yield session

    @asynccontextmanager
    async def inside(self, name: str) -> AsyncIterator[Office]:
        """In the organization of that slug, id or name. NotFound."""
        known = await self.organization(name)
        async with self.nowhere() as session:
            organization = await enter_one(session, known.id)
            follow(session, OPERATOR)
            owner = Actor(organization.owner_id, is_super_admin=True, second_factor=True)
            yield Office(session, await standing_of(self.databases.auth, owner, known.id))

    async def every(self) -> list[KnownOrganization]:
        """Every organization, by name."""
        return await known_organizations(self.databases.auth)

    async def organization(self, name: str) -> KnownOrganization:
        """By slug, id or whole name. NotFound, which lists what there is; Conflict for a name of several."""
        every = await self.every()
        exact = [each for each in every if name in (each.slug, str(each.id))]
        found = exact or [each for each in every if each.name.casefold() == name.casefold()]
        if len(found) > 1:
            raise Conflict(f"{name} is the name of several: {', '.join(each.slug for each in found)}.")
        if not found:
            slugs = ", ".join(each.slug for each in every[:20])
            raise NotFound(f"There is no organization {name} here" + (f", but: {slugs}." if slugs else " yet."))
        return found[0]


def operate(data_dir: Path | None, work: Callable[[Desk], Awaitable[T]]) -> T:
    """Does the work at a desk: on the servers of the environment, or on the embedded one, which may be running.

    Raises what the work raises, WrongSettings and ServerTrouble; ends the command where there is no hub.
    """
    settings = Settings(data_dir=data_dir)
    if data_dir is None and settings.database_url is not None:
        auth, worker = settings.auth_database_url, settings.worker_database_url
        if auth is None or worker is None:
            raise SystemExit("Set SOLARHUB_AUTH_DATABASE_URL and SOLARHUB_WORKER_DATABASE_URL too, as for the hub.")
        urls = (settings.database_url, auth, worker)
        public_url = settings.public_url or USUAL_PUBLIC_URL
        return asyncio.run(_sit_down(urls, keyring_of(settings, None), public_url, work))
    place = settings.data_dir or default_data_dir()
    if not has_database(place):
        raise SystemExit(f"There is no hub in {place} yet: `solarhub up` makes one.")
    keyring = keyring_of(settings, place)
    public_url = settings.public_url or public_url_of(place)
    with start(place) as server:
        app, auth, worker = (server.url(f"solarhub_{role}") for role in ("app", "auth", "worker"))
        return asyncio.run(_sit_down((app, auth, worker), keyring, public_url, work))


async def whole(pages: Callable[[int], Awaitable[Listing[L]]]) -> list[L]:
    """Every item of a list, read page by page; `pages` takes the offset of one."""
    items: list[L] = []
    while True:
        page = await pages(len(items))
        items += page.items
        if len(page.items) < page.limit:
            return items


async def _sit_down(
    urls: tuple[str, str, str], keyring: Keyring, public_url: str, work: Callable[[Desk], Awaitable[T]]
) -> T:
    app, auth, worker = urls
    databases = Databases(
        app=Database(app, "app", pool_size=1),
        auth=Database(auth, "auth", pool_size=1),
        worker=Database(worker, "worker", pool_size=1),
    )
    try:
        if await revision(databases.app) is None:
            raise SystemExit("The database has no schema yet: `solarhub up` or `solarhub migrate` makes it.")
        return await work(Desk(databases, keyring, public_url))
    finally:
        await databases.close()
