"""A way past the routes, for the one address that is asked far more often than all others together.

What a request meets on the usual way (matching dozens of routes, dependencies, stacks that close things) costs more
than reading a sample does. The address stands among the routes all the same: there it is described, and answered with
the same function where nothing of this is wired.
"""

from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from solarhub.kit.errors import Problem
from solarhub.kit.http.problems import ProblemResponse, protocol_problem

Answer = Callable[[Request], Awaitable[Response]]


class Straight:
    """Answers POST to one path; everything else goes its usual way. The innermost of the middleware."""

    def __init__(self, app: ASGIApp, *, path: str, answer: Answer) -> None:
        self.app = app
        self.path = path
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != self.path or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        try:
            response = await self.answer(Request(scope, receive, send))
        except Problem as problem:
            response = ProblemResponse(problem)
        except HTTPException as error:
            response = protocol_problem(error)
        await response(scope, receive, send)
