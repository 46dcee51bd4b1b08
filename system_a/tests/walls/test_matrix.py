"""Every route x everybody who may call it: who gets in, who is told no, and who is told nothing.

What a call wrote is rolled back, so that each meets the same world. Afterwards the same with one of the two walls
switched off, and then the other: each must hold alone.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest

from solarhub.kit.compiled import Compiled
from solarhub.kit.drivers import Driver
from solarhub.kit.ids import uuid7
from solarhub.organizations import walls
from solarhub.organizations.roles import PERMISSIONS, Permission, of_guest
from solarhub.organizations.vocabulary import OrgMemberRole
from tests.clients import app_of
from tests.conftest import TestDatabase
from tests.walls.actors import Actor
from tests.walls.conftest import World, client
from tests.walls.reviewed import OF_ALL_PLACES, OF_PEOPLE, OF_THE_HUB, OFFERED_BY_OTHERS, REVIEWED
from tests.walls.routes import Route, call, every_route

OWNER, ADMIN, MANAGER, VIEWER, INSTALLER = OrgMemberRole
PARTS = 4
"""Of the routes, so that several processes share them."""
IN, UNKNOWN, FORBIDDEN, NOT_FOUND = "in", 401, 403, 404


def outcome(route: Route, answer: httpx.Response) -> str | int:
    """What the walls made of it; anything else that is answered means that the caller got in."""
    assert answer.status_code < 500, f"{answer.request.method} {answer.request.url.path}: {answer.text}"
    if route.needs == "public":
        return IN  # a token in the body may be refused, in whatever words
    return answer.status_code if answer.status_code in (UNKNOWN, FORBIDDEN, NOT_FOUND) else IN


OF_SOMEBODY: dict[str, str | int] = {
    "public": IN,
    "signed_in": IN,
    "asking": IN,
    "super_admin": FORBIDDEN,
    "device": UNKNOWN,
}


def of_nobody(route: Route) -> str | int:
    return IN if route.needs == "public" else UNKNOWN


def of_person(route: Route) -> str | int:
    """Somebody signed in who has no standing where the path leads."""
    if route.right is not None:
        return NOT_FOUND
    return OF_SOMEBODY[route.needs]


def of_right(route: Route, rights: frozenset[Permission]) -> str | int:
    if route.right is None:
        return of_person(route)
    if route.name in OF_THE_HUB:
        return FORBIDDEN
    return IN if route.right in rights else FORBIDDEN


def of_key(route: Route, rights: frozenset[Permission]) -> str | int:
    if route.name in OF_ALL_PLACES:
        return IN if OF_ALL_PLACES[route.name] in rights else FORBIDDEN
    if route.right is None:
        return IN if route.needs in ("public", "asking") else UNKNOWN
    if route.name in OF_THE_HUB | OF_PEOPLE:
        return FORBIDDEN
    return IN if route.right in rights else FORBIDDEN


@dataclass(frozen=True)
class Try:
    who: str
    actor: Actor | None
    names: dict[str, str]
    expected: str | int

    @property
    def told(self) -> dict[str, str]:
        """The names, and the caller's own session and token."""
        session_id = self.actor.session_id if self.actor is not None else "nothing"
        token = self.actor.bearer if self.actor is not None else None
        return self.names | {"session_id": session_id, "token": token or "nothing"}


def tries(world: World, route: Route) -> Iterator[Try]:
    """Everybody, at this route, and what must come of it."""
    ours, theirs, suspended = world.ours, world.theirs, world.suspended
    yield Try("anonymous", None, ours.names, of_nobody(route))
    for name, actor in (("deactivated", world.deactivated), ("expired session", world.expired)):
        yield Try(name, actor, ours.names, of_nobody(route))
    device = IN if route.needs == "device" else of_nobody(route)
    yield Try("device token", ours.device_token, ours.names, device)
    for role in OrgMemberRole:
        yield Try(role.value, ours.members[role], ours.names, of_right(route, PERMISSIONS[role]))
        yield Try(f"foreign {role.value}", theirs.members[role], ours.names, of_person(route))
    yield from _guests(world, route)
    yield Try("key for everything", ours.whole_key, ours.names, of_key(route, frozenset(Permission)))
    yield Try("key for the audit log", ours.audit_key, ours.names, of_key(route, frozenset({Permission.AUDIT_READ})))
    foreign_key = NOT_FOUND if route.right is not None else of_key(route, frozenset(Permission))
    yield Try("foreign key", theirs.whole_key, ours.names, foreign_key)
    admin = UNKNOWN if route.needs == "device" else IN
    yield Try("super admin", world.super_admin, ours.names, admin)
    if route.right is not None:
        closed = FORBIDDEN if route.is_writing else IN
        yield Try("owner of a suspended organization", suspended.members[OWNER], suspended.names, closed)


def _guests(world: World, route: Route) -> Iterator[Try]:
    ours = world.ours
    for role, actor in ours.guests.items():
        held = of_right(route, of_guest(role))
        yield Try(f"guest {role.value}", actor, ours.names, held)
        if route.objects and held == IN and route.right is not None:
            yield Try(f"guest {role.value} next door", actor, ours.neighbour, NOT_FOUND)
    ended = NOT_FOUND if route.right is not None else of_person(route)
    yield Try("guest whose grant has ended", ours.expired_guest, ours.names, ended)


def swaps(world: World, route: Route) -> Iterator[Try]:
    """Our owner names their objects, and our guest the neighbour's."""
    if route.objects and route.right is not None:
        foreign = world.theirs.names | {"organization_id": world.ours.names["organization_id"]}
        yield Try("owner with foreign ids", world.ours.members[OWNER], foreign, NOT_FOUND)
        nowhere = {name: str(uuid7()) for name in foreign} | {"organization_id": foreign["organization_id"]}
        yield Try("owner with ids of nothing", world.ours.members[OWNER], nowhere, NOT_FOUND)


def test_every_route_is_in_the_reviewed_table_and_nothing_else(at_head: TestDatabase) -> None:
    existing = {f"{method} {path}" for method, path in every_route(app_of(at_head))}
    assert existing - set(REVIEWED) == set(), "say who may call these, in tests/walls/reviewed.py"
    assert set(REVIEWED) - existing == set(), "these are gone"


@pytest.mark.parametrize("part", range(PARTS))
async def test_everybody_gets_exactly_where_they_belong(
    world: World, part: int, capsys: pytest.CaptureFixture[str]
) -> None:
    surprises = []
    counted: Counter[str | int] = Counter()
    actors = set()
    some = world.routes[part::PARTS]
    for route in some:
        for attempt in (*tries(world, route), *swaps(world, route)):
            async with client(world, attempt.actor) as calling:
                answer = await call(calling, route, attempt.told)
            found = outcome(route, answer)
            counted[found] += 1
            actors.add(attempt.who)
            if found != attempt.expected:
                surprises.append(f"{route.name} as {attempt.who}: {answer.status_code}, not {attempt.expected}")
    with capsys.disabled():
        told = ", ".join(f"{count} {found}" for found, count in sorted(counted.items(), key=str))
        print(f"\n{len(some)} routes x {len(actors)} actors = {counted.total()} calls ({told})")  # noqa: T201 - the figures are asked for
        print(f"{len(surprises)} surprises")  # noqa: T201 - the same
    assert surprises == []


async def _without_the_first_wall(
    question: walls.Question, driver: Driver, _organization_id: UUID, _site_ids: Collection[UUID] | None, **values: Any
) -> list[tuple[Any, ...]]:
    return await Compiled(question.statement).rows(driver, **values)


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("switched_off", ["the first wall", "the second wall"])
async def test_either_wall_holds_alone(
    world: World, database: TestDatabase, monkeypatch: pytest.MonkeyPatch, switched_off: str, part: int
) -> None:
    if switched_off == "the first wall":
        monkeypatch.setattr(walls, "first_wall", lambda _organization_ids, _site_ids: ())
        monkeypatch.setattr(walls.Question, "rows", _without_the_first_wall)
    else:
        for row in database.fetch(
            "select relname from pg_class where relrowsecurity and relnamespace = 'public'::regnamespace"
        ):
            database.fetch(f"alter table {row['relname']} disable row level security")
    surprises = []
    calls = 0
    for route in world.routes[part::PARTS]:
        if route.right is None:
            continue
        own = Try("owner", world.ours.members[OWNER], world.ours.names, of_right(route, PERMISSIONS[OWNER]))
        for attempt in (own, *_guests(world, route), *swaps(world, route)):
            async with client(world, attempt.actor) as calling:
                answer = await call(calling, route, attempt.told)
            calls += 1
            leaked = world.theirs.canary in answer.text and route.name not in OFFERED_BY_OTHERS
            if outcome(route, answer) != attempt.expected or leaked:
                surprises.append(f"{route.name} as {attempt.who}: {answer.status_code}{' LEAK' * leaked}")
    assert calls > len(world.routes) / PARTS
    assert surprises == []
