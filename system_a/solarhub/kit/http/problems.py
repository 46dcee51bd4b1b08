"""Every answer that is an error: RFC 9457 problem documents, whatever raised it."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from solarhub.kit.errors import Invalid, NotFound, Problem, TooManyRequests, Unauthenticated, Unavailable, Unreadable
from solarhub.kit.refusals import field_errors

MEDIA_TYPE = "application/problem+json"

_SENTENCES = {
    400: "The request cannot be read.",
    404: NotFound().detail,
    405: "This address does not know that method.",
    413: "This is larger than what is accepted at once.",
}


class ProblemResponse(JSONResponse):
    """A problem document with the headers that its kind asks for."""

    media_type = MEDIA_TYPE

    def __init__(self, problem: Problem, headers: Mapping[str, str] | None = None) -> None:
        wanted = dict(headers or {})
        if isinstance(problem, Unauthenticated):
            wanted["WWW-Authenticate"] = "Bearer"
        if isinstance(problem, TooManyRequests | Unavailable):
            wanted["Retry-After"] = str(problem.retry_after)
        super().__init__(problem.document(), status_code=problem.status, headers=wanted)


def install(app: FastAPI) -> None:
    """Makes the application answer domain errors, refused values and unknown addresses as problem documents."""
    app.add_exception_handler(Problem, _handler(_domain_problem))
    app.add_exception_handler(RequestValidationError, _handler(_refused_values))
    app.add_exception_handler(HTTPException, _handler(protocol_problem))


def describe(*problems: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may raise these."""
    return {
        problem.status: {
            "description": problem().detail if problem is not Invalid else "Some values are not valid.",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for problem in problems
    }


PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457. A 422 lists every wrong value in `errors`; other members depend on the kind of problem.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"title": "Kind of problem", "type": "string", "examples": ["about:blank"]},
        "title": {"title": "Kind in words", "type": "string", "examples": ["Conflict"]},
        "status": {"title": "HTTP status", "type": "integer", "examples": [409]},
        "detail": {"title": "One sentence for a person", "type": "string"},
        "errors": {
            "title": "Every wrong value",
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "value", "message", "allowed"],
                "properties": {
                    "field": {
                        "title": "Where it stands",
                        "type": "string",
                        "description": "Dotted path inside the body, or the parameter's name",
                        "examples": ["configuration.panel_count"],
                    },
                    "value": {
                        "title": "What was given",
                        "description": "Shortened where long and hidden where secret",
                    },
                    "message": {"title": "What is wrong with it", "type": "string"},
                    "allowed": {
                        "title": "What is allowed",
                        "description": "The choices as a list, else a sentence with type, range and unit",
                        "anyOf": [
                            {"type": "string"},
                            {"type": "array", "items": {"type": "string"}},
                        ],
                    },
                },
            },
        },
    },
    "additionalProperties": True,
}


def _handler(answer: Callable[[Any], Response]) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handle(_request: Request, error: Exception) -> Response:
        return answer(error)

    return handle


def _domain_problem(problem: Problem) -> Response:
    return ProblemResponse(problem)


def _refused_values(error: RequestValidationError) -> Response:
    lines = error.errors()
    if any(line["loc"][0] == "path" for line in lines):
        # an address whose id is no id names nothing: the same answer as for one that is not there
        return ProblemResponse(NotFound())
    for line in lines:
        if line["type"] == "json_invalid":
            reason = line["ctx"]["error"]
            return ProblemResponse(Unreadable(f"The body is not JSON: {reason}, at character {line['loc'][-1]}."))
        if line["loc"] == ("body",) and isinstance(line["input"], bytes):
            return ProblemResponse(Unreadable("Send the body as JSON, with Content-Type: application/json."))
    # the first part of a location says body, query or header: where, not which
    named = [{**line, "loc": line["loc"][1:] or ("body",)} for line in lines]
    return ProblemResponse(Invalid(field_errors(named)))


def protocol_problem(error: HTTPException) -> Response:
    """What routing and the server's own reading of a request raise: 404, 405, 400, 413."""
    status = HTTPStatus(error.status_code)
    problem = Problem(_SENTENCES.get(status, status.description or status.phrase))
    document = problem.document() | {"status": status.value, "title": status.phrase}
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        document["title"] = "Content Too Large"
    return JSONResponse(document, status.value, headers=error.headers, media_type=MEDIA_TYPE)
