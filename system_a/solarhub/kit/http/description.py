"""The API's own description, as this hub really answers: OpenAPI 3.1."""

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from solarhub.kit.http.problems import MEDIA_TYPE, PROBLEM_SCHEMA

_SECURITY = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-solarhub",
        "description": "A person's session, as `POST /api/v1/sessions` opens it",
    },
    "api_key": {"type": "http", "scheme": "bearer", "description": "An API key, `shk_…`"},
    "device": {"type": "http", "scheme": "bearer", "description": "A device's token, `shd_…`"},
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Sent again with the same key within a day, this happens once and is answered the same",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "title": "Idempotency key"},
}


def description_of(app: FastAPI) -> dict[str, Any]:
    """Made once; what FastAPI assumes and this hub does differently is put right."""
    if app.openapi_schema is None:
        described = app.openapi()
        components: dict[str, Any] = described["components"]
        components["securitySchemes"] = _SECURITY
        components["schemas"]["Problem"] = PROBLEM_SCHEMA
        for path, operations in described["paths"].items():
            for method, operation in operations.items():
                _complete(path, method, operation)
        _say_how_values_are_refused(described["paths"].values(), components["schemas"])
    return app.openapi_schema or {}


def operation_id(route: APIRoute) -> str:
    """The function's name: what a generated client's method is called."""
    return route.name


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    if "requestBody" not in operation and all(part["in"] == "path" for part in operation.get("parameters", ())):
        # what is wrong with an id in the path is that nothing is there by that name
        operation["responses"].pop("422", None)
    if "/organizations/{organization_id}" in path:
        operation["security"] = [{"session": []}, {"api_key": []}]
        if method == "post" and "201" in operation["responses"]:
            operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
    elif "401" in operation["responses"] and "security" not in operation:
        operation["security"] = [{"session": []}]


def _say_how_values_are_refused(paths: Iterable[dict[str, Any]], schemas: dict[str, Any]) -> None:
    """FastAPI describes its own shape of a 422, which this hub never sends."""
    refused = {"schema": {"$ref": "#/components/schemas/Problem"}}
    for path in paths:
        for operation in path.values():
            answer = operation["responses"].get("422")
            if answer is not None:
                answer["description"] = "Some values are not valid."
                answer["content"] = {MEDIA_TYPE: refused}
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
