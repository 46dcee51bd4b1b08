from typing import Annotated
from uuid import UUID

import pytest
from fastapi import FastAPI

from solarhub.kit.errors import Conflict, NotFound, Unauthenticated, Unavailable
from solarhub.kit.fields import Number
from solarhub.kit.http import Envelope, install
from solarhub.kit.values import Value
from tests.calling import client_of


class Plant(Value):
    latitude: Annotated[float, Number(-90, 90, "degrees")]


def application() -> FastAPI:
    app = FastAPI()
    app.add_middleware(Envelope)
    install(app)

    @app.post("/plants")
    async def enter(plant: Plant) -> None:
        pass

    @app.get("/plants/{plant_id}")
    async def get(plant_id: UUID, limit: int = 1) -> None:
        raise NotFound

    @app.get("/conflict")
    async def conflict() -> None:
        raise Conflict("It stands still already.", state="resolved")

    @app.get("/unknown")
    async def unknown() -> None:
        raise Unauthenticated

    @app.get("/away")
    async def away() -> None:
        raise Unavailable("Back soon.", retry_after=7)

    return app


async def test_a_domain_error_becomes_a_problem_document_with_its_members() -> None:
    async with client_of(application()) as client:
        answer = await client.get("/conflict")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "detail": "It stands still already.",
        "state": "resolved",
    }


async def test_some_errors_bring_the_header_of_their_kind() -> None:
    async with client_of(application()) as client:
        assert (await client.get("/unknown")).headers["www-authenticate"] == "Bearer"
        assert (await client.get("/away")).headers["retry-after"] == "7"


async def test_a_refused_value_is_named_with_what_is_allowed() -> None:
    async with client_of(application()) as client:
        answer = await client.post("/plants", json={"latitude": 200})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {
            "field": "latitude",
            "value": 200,
            "message": "must be at most 90 degrees",
            "allowed": "a number from -90 to 90 degrees",
        }
    ]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b'{"latitude": 20', 400, "The body is not JSON"),
        (b'{"latitude": "\xff"}', 400, "cannot be read"),
        (b'{"latitude": NaN}', 422, "latitude: must be finite"),
        (b'{"latitude": 1e309}', 422, "latitude: must be finite"),
        (b'{"latitude": ' + b"9" * 400 + b"}", 422, "latitude: must be at most 90 degrees"),
        (b'{"latitude": ' + b"9" * 5000 + b"}", 400, "cannot be read"),
        (b"[" * 100_000, 400, ""),
        (b'{"latitude": "\\ud800"}', 422, "latitude: must be a number, not text"),
        (b'{"\\ud800": 1, "latitude": 1}', 422, "body: must be a valid string"),
        (b"[]", 422, "body: must be an object"),
        (b"null", 422, "body:"),
        (b"", 422, "body: is required"),
    ],
)
async def test_a_broken_body_is_a_clients_error(body: bytes, status: int, words: str) -> None:
    async with client_of(application()) as client:
        answer = await client.post("/plants", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert words in answer.json()["detail"]
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_body_that_is_not_said_to_be_json_is_told_so() -> None:
    async with client_of(application()) as client:
        answer = await client.post("/plants", content=b'{"latitude": 1}', headers={"Content-Type": "text/plain"})
    assert answer.status_code == 400
    assert "application/json" in answer.json()["detail"]


async def test_addresses_and_methods_that_do_not_exist_answer_in_the_same_form() -> None:
    async with client_of(application()) as client:
        nowhere = await client.get("/nowhere")
        method = await client.delete("/plants")
        no_uuid = await client.get("/plants/17")
        stranger = await client.get("/plants/00000000-0000-7000-8000-000000000000")
    assert nowhere.status_code == 404
    assert method.status_code == 405
    assert method.headers["allow"] == "POST"
    assert no_uuid.status_code == 404
    assert nowhere.content == no_uuid.content == stranger.content
    for answer in (nowhere, method, no_uuid):
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_wrong_query_parameter_is_named_without_saying_where_it_stood() -> None:
    async with client_of(application()) as client:
        answer = await client.get("/plants/00000000-0000-7000-8000-000000000000?limit=many")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "limit"
