"""A way past the routes, for the few addresses that are asked far more often than all others together.

What a request meets on the usual way (matching dozens of routes, dependencies, stacks that close things) costs more
than reading a sample, or the latest values of a plant, does. Each address stands among the routes all the same: there
it is described, and answered with the same function where nothing of this is wired.
"""

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from solarhub.kit.errors import Problem
from solarhub.kit.http.problems import ProblemResponse, protocol_problem

Answer = Callable[[Request], Awaitable[Response | None]]


class Way(NamedTuple):
    """An address and its answer. `path` must match the whole of it; its named groups are the `path_params`.

    An answer of None sends the request its usual way; it must not have read the body then.
    """

    method: str
    path: re.Pattern[str]
    answer: Answer


class Straight:
    """Answers what one of the ways is for; everything else goes its usual way. The innermost of the middleware."""

    def __init__(self, app: ASGIApp, *, ways: Iterable[Way]) -> None:
        self.app = app
        self.ways = tuple(ways)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._answer(scope, receive, send) if scope["type"] == "http" else None
        await (self.app if response is None else response)(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> Response | None:
        for method, path, answer in self.ways:
            if scope["method"] == method and (found := path.fullmatch(scope["path"])) is not None:
                request = Request({**scope, "path_params": found.groupdict()}, receive, send)
                try:
                    return await answer(request)
                except Problem as problem:
                    return ProblemResponse(problem)
                except HTTPException as error:
                    return protocol_problem(error)
        return None
