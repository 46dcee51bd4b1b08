"""The API's description is one that people can fill a form by: titles, whole examples, one sentence for each route."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from jsonschema_rs import Draft202012Validator
from pydantic import TypeAdapter

from solarhub.app import create_app
from solarhub.kit.db import Database, Databases
from solarhub.kit.http.description import description_of
from solarhub.kit.sealing import Keyring, new_key

SAID_ALIKE = {
    "what a form, a type plate or a bill has above its field": {
        *("address", "city", "code", "country", "description", "feeder", "id", "language", "latitude", "longitude"),
        *("manufacturer", "model", "name", "note", "notes", "owner", "password", "port", "protocol", "region", "role"),
        *("settings", "state", "status", "street", "subject", "tags", "text", "token", "unit", "website"),
    },
    "a word of the field, which the glossary explains": {"asleep", "channel", "devices", "metric", "samples"},
    "the heading of a column, or of a line of figures": {
        *("column", "critical", "customers", "line", "mean", "new", "outcome", "sent", "stored", "working"),
    },
    "what has happened to it, or until when it holds": {"escalated", "from", "removed", "replaces", "to", "until"},
    "what those who connect devices call it": {"driver", "parity"},
}
"""Names whose title is the name itself, and why nothing else would be better."""


@pytest.fixture(scope="module")
def hub() -> FastAPI:
    """With pools that nothing connects."""
    nowhere = "postgresql://nobody@nowhere.invalid/nothing"
    pools = Databases(Database(nowhere, "app"), Database(nowhere, "auth"), Database(nowhere, "worker"))
    return create_app(pools, keyring=Keyring.parse(new_key()), public_url="https://hub.example")


@pytest.fixture(scope="module")
def described(hub: FastAPI) -> dict[str, Any]:
    return description_of(hub)


def operations(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def fields(part: Any, where: str = "") -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Where it stands, name and schema of every property of every schema, however deep, and of every parameter."""
    if isinstance(part, list):
        for index, item in enumerate(part):
            yield from fields(item, f"{where}[{index}]")
    elif isinstance(part, dict):
        if "in" in part and "schema" in part:
            yield where, part["name"], part["schema"]
        if isinstance(part.get("properties"), dict) and (part.get("type") == "object"):
            for name, schema in part["properties"].items():
                yield f"{where}.{name}", name, schema
        for key, item in part.items():
            if key not in ("examples", "example", "default"):
                yield from fields(item, f"{where}.{key}")


def generated(name: str) -> str:
    """What pydantic and FastAPI call a field of which nobody says more."""
    return name.replace("_", " ").title()


def named(reference: str, described: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = described["components"]["schemas"][reference.rpartition("/")[2]]
    return found


def title(schema: dict[str, Any], described: dict[str, Any]) -> str:
    """A field's own, or else that of what it refers to: pydantic leaves out what would be said twice."""
    found = schema.get("title")
    return str(found or (named(schema["$ref"], described)["title"] if "$ref" in schema else ""))


def poorly_titled(described: dict[str, Any]) -> list[str]:
    """Fields without a title, with the one that a library made of the name, or with the name of a class."""
    said_alike = set().union(*SAID_ALIKE.values())
    return [
        where
        for where, name, schema in fields(described)
        if ((told := title(schema, described)) in ("", generated(name), name) and name not in said_alike)
        or re.fullmatch(r"(?:[A-Z][a-z]+){2,}", told)
    ]


def bodies(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every request body that is JSON."""
    for name, operation in operations(described):
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            yield name, content["application/json"]["schema"]


def examples(body: dict[str, Any], described: dict[str, Any]) -> list[Any]:
    own: list[Any] = body.get("examples", [])
    parts = [named(part["$ref"], described) for part in (body, *body.get("anyOf", ())) if "$ref" in part]
    return own + [example for part in parts for example in part.get("examples", [])]


def refused(schema: dict[str, Any], example: Any, described: dict[str, Any]) -> list[str]:
    """What speaks against an example, by its own schema."""
    # only where they are referred to: thousands of compiled schemas take their time
    components = {"components": described["components"]} if "$ref" in repr(schema) else {}
    judge = Draft202012Validator({**schema, **components}, validate_formats=True)
    return [error.message for error in judge.iter_errors(example)]


def routes(hub: FastAPI) -> Iterator[tuple[str, APIRoute]]:
    for context in iter_route_contexts(hub.routes):
        if isinstance(context.original_route, APIRoute) and context.original_route.include_in_schema:
            for method in context.methods or ():
                yield f"{method} {context.path}", context.original_route


def test_every_field_has_a_title_that_an_installer_would_use(described: dict[str, Any]) -> None:
    assert poorly_titled(described) == []


def test_no_title_is_excused_that_is_not_there(described: dict[str, Any]) -> None:
    met = {name for _, name, schema in fields(described) if title(schema, described) == generated(name)}

    assert set().union(*SAID_ALIKE.values()) - met == set()


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer"},
        {"type": "integer", "title": "Panel Count"},
        {"type": "integer", "title": "panel_count"},
        {"type": "object", "title": "PanelCount"},
    ],
    ids=["none", "generated", "name", "class"],
)
def test_a_poor_title_would_be_found(schema: dict[str, Any]) -> None:
    planted = {
        "paths": {},
        "components": {"schemas": {"Plant": {"type": "object", "properties": {"panel_count": schema}}}},
    }

    assert poorly_titled(planted) == [".components.schemas.Plant.panel_count"]


def test_every_request_body_has_a_whole_example(described: dict[str, Any]) -> None:
    found = list(bodies(described))

    assert len(found) > 40
    assert [name for name, body in found if not examples(body, described)] == []


def test_every_example_of_a_request_is_one_that_the_hub_takes(hub: FastAPI, described: dict[str, Any]) -> None:
    models = {name: route.body_field for name, route in routes(hub)}
    for name, body in bodies(described):
        for example in examples(body, described):
            assert refused(body, example, described) == [], name
            model = models[name]
            if model is not None:
                taken: Any = model.field_info.annotation
                TypeAdapter(taken).validate_json(json.dumps(example))


def test_every_example_of_a_field_is_what_its_schema_allows(described: dict[str, Any]) -> None:
    wrong = [
        (where, example, why)
        for where, _, schema in fields(described)
        for example in schema.get("examples", ())
        for why in refused(schema, example, described)
    ]

    assert wrong == []


def test_a_wrong_example_would_be_found(described: dict[str, Any]) -> None:
    assert refused({"$ref": "#/components/schemas/MemberChange"}, {"role": "king"}, described) != []
    assert refused({"type": "string", "format": "uuid"}, "0197", described) != []


def test_every_operation_says_in_a_sentence_what_it_does(hub: FastAPI, described: dict[str, Any]) -> None:
    told = {name: (operation["summary"], operation.get("tags")) for name, operation in operations(described)}
    for name, route in routes(hub):
        summary, tags = told[name]
        said = " ".join((route.endpoint.__doc__ or "").split())
        assert summary, name
        assert said == f"{summary}." or said.startswith(f"{summary}. "), name
        assert tags, name


def test_every_operation_that_asks_who_is_there_says_how_to_tell(described: dict[str, Any]) -> None:
    schemes = set(described["components"]["securitySchemes"])
    for name, operation in operations(described):
        if "401" in operation["responses"]:
            assert operation["security"], name
        assert {scheme for way in operation.get("security", ()) for scheme in way} <= schemes, name


def test_no_two_operations_have_the_same_id(described: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, operation in operations(described)]

    assert len(ids) == len(set(ids))


def test_no_schema_is_called_by_where_its_code_lies(described: dict[str, Any]) -> None:
    assert [name for name in described["components"]["schemas"] if "__" in name] == []
