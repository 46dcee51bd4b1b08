"""The hub's routes as the application itself lists them, and how each is called."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from solarhub.organizations.roles import Permission
from tests.walls.reviewed import BODIES, NAMED, QUERY, REVIEWED


@dataclass(frozen=True)
class Route:
    """One method of one path; `needs`: a right, or public, signed_in, super_admin, device or asking."""

    method: str
    path: str
    needs: str
    query: frozenset[str]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> set[str]:
        return set(re.findall(r"{(\w+)(?::\w+)?}", self.path))

    @property
    def objects(self) -> set[str]:
        """The parameters that name something inside an organization."""
        return self.parameters - {"organization_id"}

    @property
    def is_writing(self) -> bool:
        return self.method not in ("GET", "HEAD")

    @property
    def right(self) -> Permission | None:
        """The right it needs, where it needs one."""
        return Permission(self.needs) if ":" in self.needs else None


def routes(app: FastAPI) -> list[Route]:
    """Every route there is; one that nobody reviewed is there with the need `unreviewed`."""
    return sorted(_routes(app), key=lambda route: (route.path, route.method))


def _routes(app: FastAPI) -> Iterator[Route]:
    described = app.openapi()["paths"]
    for method, path in every_route(app):
        operation: dict[str, Any] = described.get(path, {}).get(method.lower(), {})
        query = frozenset(part["name"] for part in operation.get("parameters", []) if part["in"] == "query")
        yield Route(method, path, REVIEWED.get(f"{method} {path}", "unreviewed"), query)


def every_route(app: FastAPI) -> list[tuple[str, str]]:
    """Method and path of everything that the application answers, described or not."""
    return [
        (method, context.path or "")
        for context in iter_route_contexts(app.routes)
        for method in sorted((context.methods or set()) - {"HEAD"})
    ]


async def call(client: httpx.AsyncClient, route: Route, names: dict[str, str]) -> httpx.Response:
    """Calls it with the names filled in, with a body that is valid where one is needed."""
    names = names | {name: names[other] for name, other in NAMED.get(route.path, {}).items() if other in names}
    headers = {"If-Match": "*"} if route.method in ("PATCH", "PUT", "DELETE") else {}
    body = BODIES.get(route.name)
    return await client.request(
        route.method,
        re.sub(r"{(\w+)(?::\w+)?}", lambda part: names.get(part[1], "nothing"), route.path),
        params={name: value for name, value in QUERY.items() if name in route.query},
        json=_filled(body, names) if body is not None else None,
        headers=headers,
    )


def _filled(body: Any, names: dict[str, str]) -> Any:
    """The body with `{site_id}` and its like replaced."""
    match body:
        case str():
            return re.sub(r"{(\w+)}", lambda part: names.get(part[1], part[0]), body)
        case dict():
            return {key: _filled(value, names) for key, value in body.items()}
        case list():
            return [_filled(value, names) for value in body]
        case _:
            return body
