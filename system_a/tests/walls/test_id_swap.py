"""Ids of another tenant, wherever a request takes an id: in the path, in the query, in the body."""

import re
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from solarhub.kit.ids import uuid7
from solarhub.organizations.vocabulary import OrgMemberRole
from tests.walls.conftest import World, client
from tests.walls.reviewed import BODIES, NAMED, OFFERED_BY_OTHERS
from tests.walls.routes import Route, call

PARTS = 2
_QUERIED = ("site_id", "device_id", "rule_id", "actor_id", "user_id", "target_id", "alert_id")


def _slots(route: Route) -> Iterator[str]:
    """Every name of something that the request takes, but for the organization."""
    body = re.findall(r"{(\w+)}", str(BODIES.get(route.name, "")))
    yield from sorted({*route.objects, *body})


@pytest.mark.parametrize("part", range(PARTS))
async def test_a_foreign_id_is_worth_what_no_id_is(world: World, part: int, subtests: pytest.Subtests) -> None:
    owner = world.ours.members[OrgMemberRole.OWNER]
    async with client(world, owner) as calling:
        for route in [each for each in world.routes if each.right is not None][part::PARTS]:
            for slot in _slots(route):
                with subtests.test(route=route.name, slot=slot):
                    named = NAMED.get(route.path, {}).get(slot, slot)
                    foreign = await call(calling, route, world.ours.names | {named: world.theirs.neighbour[slot]})
                    nothing = await call(calling, route, world.ours.names | {named: str(uuid7())})
                    assert not foreign.is_success
                    assert foreign.status_code == nothing.status_code
                    if slot in route.objects:
                        assert foreign.content == nothing.content
                    assert _silent(world, foreign)


@pytest.mark.parametrize("part", range(PARTS))
async def test_a_list_asked_for_with_a_foreign_id_is_as_empty_as_with_none(
    world: World, part: int, subtests: pytest.Subtests
) -> None:
    owner = world.ours.members[OrgMemberRole.OWNER]
    async with client(world, owner) as calling:
        for route in [each for each in world.routes if each.method == "GET" and each.right is not None][part::PARTS]:
            for name in sorted(route.query & set(_QUERIED)):
                with subtests.test(route=route.name, query=name):
                    path = replace(route, path=f"{route.path}?{name}={world.theirs.names.get(name, str(uuid7()))}")
                    answer = await call(calling, path, world.ours.names)
                    assert answer.status_code in (200, 404, 422)
                    assert _silent(world, answer) or route.name in OFFERED_BY_OTHERS
            with subtests.test(route=route.name):
                answer = await call(calling, route, world.ours.names)
                assert _silent(world, answer) or route.name in OFFERED_BY_OTHERS


def _silent(world: World, answer: httpx.Response) -> bool:
    return world.theirs.canary not in answer.text and world.theirs.canary.lower() not in answer.text
