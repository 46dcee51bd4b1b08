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
    "influx": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "A device's token as InfluxDB's clients send it: `Token shd_…`, or Basic with it as password",
    },
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Sent again with the same key within a day, this happens once and is answered the same",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": 255,
        "title": "Key of this request",
        "examples": ["1f0c8f0e-6c2e-4f57-9d5a-3b1f0a7c2d11"],
    },
}


def description_of(app: FastAPI) -> dict[str, Any]:
    """Made once; what FastAPI assumes and this hub does differently is put right."""
    if not hasattr(app.state, "description"):
        described = app.openapi()
        components: dict[str, Any] = described["components"]
        components["securitySchemes"] = _SECURITY
        components["schemas"]["Problem"] = PROBLEM_SCHEMA
        for path, operations in described["paths"].items():
            for method, operation in operations.items():
                _complete(path, method, operation)
                for content in operation.get("requestBody", {}).get("content", {}).values():
                    _exemplify(content["schema"], components["schemas"])
        _say_how_values_are_refused(described["paths"].values(), components["schemas"])
        app.state.description = described
    description: dict[str, Any] = app.state.description
    return description


def operation_id(route: APIRoute) -> str:
    """The function's name: what a generated client's method is called."""
    return route.name


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    _sum_up(operation)
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            parameter["schema"]["title"] = parameter["name"].removesuffix("_id").capitalize()
    if "requestBody" not in operation and all(part["in"] == "path" for part in operation.get("parameters", ())):
        # what is wrong with an id in the path is that nothing is there by that name
        operation["responses"].pop("422", None)
    if "/organizations/{organization_id}" in path:
        operation["security"] = [{"session": []}, {"api_key": []}]
        if method == "post" and "201" in operation["responses"]:
            operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
    elif "401" in operation["responses"] and "security" not in operation:
        operation["security"] = [{"session": []}]


def _sum_up(operation: dict[str, Any]) -> None:
    """The first sentence of the endpoint's docstring, where FastAPI puts the function's name in capitals."""
    sentence, _, more = operation.get("description", "").replace("\n", " ").partition(". ")
    operation["summary"] = sentence.removesuffix(".")
    if not more:
        operation.pop("description", None)


def _exemplify(body: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Gives a request body a whole example, put together of those of its fields, unless it has one."""
    for schema in (body, *body.get("anyOf", ())):
        if "$ref" in schema:
            named = _named(schema, schemas)
            named.setdefault("examples", [_example(named, schemas)])


def _named(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = schemas[schema["$ref"].rpartition("/")[2]]
    return found


def _example(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """None where nothing in the schema says what it might look like."""
    if "examples" in schema:
        return schema["examples"][0]
    if "$ref" in schema:
        return _example(_named(schema, schemas), schemas)
    fields = {name: _example(field, schemas) for name, field in schema.get("properties", {}).items()}
    return {name: example for name, example in fields.items() if example is not None} or None


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
