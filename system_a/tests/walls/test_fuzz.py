"""Whatever the API's own description allows, and what it does not, sent by each role: nothing breaks, and every answer
is one that the description names. `make fuzz` sends more of it."""

import os
from contextlib import suppress
from typing import Any

import asyncpg
import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis.strategies import SearchStrategy
from schemathesis import checks
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from solarhub.kit.http import sessions
from solarhub.kit.http.description import description_of
from solarhub.kit.libpq import asyncpg_arguments
from solarhub.organizations.vocabulary import OrgMemberRole
from tests.clients import app_of
from tests.conftest import TestDatabase, outside_any_loop
from tests.walls.actors import Actor, Builder
from tests.walls.reviewed import REVIEWED
from tests.walls.rolling_back import auth_rolled_back, rolled_back
from tests.walls.serving import served
from tests.walls.unlimited import Unlimited
from tests.walls.world import Tenancy, tenancy

EXAMPLES = int(os.environ.get("SOLARHUB_FUZZ_EXAMPLES", "2"))
ROLES = ("owner", "admin", "manager", "viewer", "installer", "guest", "super admin", "stranger", "key", "anonymous")
CHECKS = [
    checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


async def _world(database: TestDatabase) -> tuple[Tenancy, dict[str, Actor]]:
    connection = await asyncpg.connect(**asyncpg_arguments(database.admin_url))
    try:
        ours = await tenancy(connection, "A")
        build = Builder(connection, "X")
        actors = {role.value: actor for role, actor in ours.members.items()}
        actors["guest"] = ours.guests[OrgMemberRole.MANAGER]
        actors["key"] = ours.whole_key
        actors["super admin"] = await build.session("super", await build.person("super", role="super_admin"))
        actors["stranger"] = await build.session("stranger", await build.person("stranger"))
        actors["anonymous"] = Actor("anonymous")
        return ours, actors
    finally:
        await connection.close()


def _headers(actor: Actor) -> dict[str, str]:
    if actor.bearer is not None:
        return {"Authorization": f"Bearer {actor.bearer}"}
    return {"Cookie": f"__Host-solarhub={actor.cookie}"} if actor.cookie is not None else {}


@pytest.mark.parametrize("role", ROLES)
def test_whatever_is_sent_nothing_breaks_and_every_answer_is_described(
    database: TestDatabase, role: str, subtests: pytest.Subtests, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, actors = outside_any_loop(_world(database))
    app = app_of(database)
    # what is sent must not use the world up
    app.dependency_overrides[sessions._session] = rolled_back  # noqa: SLF001 - a seam for this and nothing else
    app.dependency_overrides[sessions._auth_writing_session] = auth_rolled_back  # noqa: SLF001 - the same
    app.state.rates = Unlimited()
    described = description_of(app)
    schema = schemathesis.openapi.from_dict(described)
    calls = 0
    with served(app) as base_url:
        for found in schema.get_all_operations():
            assert isinstance(found, Ok), found
            operation = found.ok()
            name = f"{operation.method.upper()} {operation.path}"
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                names = {part: ours.names[part] for part in ours.names if f"{{{part}}}" in operation.path}
                strategy = operation.as_strategy(generation_mode=mode, path_parameters=names or None)
                with subtests.test(route=name, mode=mode.value):
                    calls += _send(strategy, base_url, actors[role], is_public=REVIEWED.get(name) == "public")
    assert calls > len(described["paths"])
    with capsys.disabled():
        print(f"\n{calls} requests as {role}")  # noqa: T201 - the figure is asked for


def _send(strategy: SearchStrategy[schemathesis.Case[Any]], base_url: str, actor: Actor, *, is_public: bool) -> int:
    calls = 0

    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=strategy)
    def send(case: schemathesis.Case[Any]) -> None:
        nonlocal calls
        response = case.call(base_url=base_url, headers=_headers(actor), timeout=30)
        calls += 1
        case.validate_response(response, checks=CHECKS)
        if actor.name == "anonymous" and not is_public:
            # whether a body can be read at all is found out before anybody asks who sent it
            assert response.status_code in (400, 401), response.text

    # a route that takes nothing can be sent nothing that is wrong
    with suppress(hypothesis.errors.Unsatisfiable):
        send()
    return calls
