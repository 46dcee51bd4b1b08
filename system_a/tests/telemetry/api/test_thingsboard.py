"""What ThingsBoard's devices send over HTTP, and how they are answered."""

import gzip
import io
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solarhub.kit import log
from tests.calling import client_of
from tests.conftest import TestDatabase, execute
from tests.telemetry.conftest import AT_COMMIT, FAILING, Door, recently, stored

AT = recently()
TS = int(AT.timestamp()) * 1000


class Device:
    """Somebody with nothing but an address in which a token stands."""

    def __init__(self, door: Door, client: httpx.AsyncClient) -> None:
        self.door, self.client = door, client
        self.address = f"/api/v1/{door.token}"

    async def post(self, body: object, what: str = "telemetry", **headers: str) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.client.post(
            f"{self.address}/{what}", content=content, headers={"Content-Type": "application/json"} | headers
        )


@pytest.fixture
async def device(door: Door) -> AsyncIterator[Device]:
    async with client_of(door.app) as client:
        yield Device(door, client)


@pytest.mark.parametrize(
    "body",
    [
        {"ts": TS, "values": {"power_output": 2.9, "voltage_dc": {"string1": 380.1}}},
        [{"ts": TS, "values": {"power_output": "2.9"}}, {"ts": TS, "values": {"voltage_dc:string1": "380.1"}}],
    ],
)
async def test_values_with_their_time_are_stored(device: Device, database: TestDatabase, body: Any) -> None:
    answer = await device.post(body)

    assert (answer.status_code, answer.content) == (200, b"")
    assert [(row[1], row[3]) for row in stored(database)] == [(AT, {"power_output": 2.9, "voltage_dc:string1": 380.1})]


async def test_values_without_a_time_get_that_of_their_arrival(device: Device, database: TestDatabase) -> None:
    answer = await device.post({"power_output": 42.0, "temperature": 26})

    assert answer.status_code == 200
    assert [row[3] for row in stored(database)] == [{"power_output": 42.0}]
    reasons = database.fetch("select metric, reason from telemetry_quarantine")
    assert [(row["metric"], row["reason"]) for row in reasons] == [("temperature", "unknown_metric")]


async def test_the_body_may_come_as_gzip_and_under_any_name(device: Device, database: TestDatabase) -> None:
    """Their examples send `Content-Type:application/json`, sketches send none or another."""
    body = gzip.compress(json.dumps({"ts": TS, "values": {"power_output": 1}}).encode())
    sent = await device.post(body, **{"Content-Encoding": "gzip", "Content-Type": "text/plain"})

    assert sent.status_code == 200
    assert len(stored(database)) == 1


async def test_attributes_are_taken_and_none_are_told(device: Device, database: TestDatabase) -> None:
    assert (await device.post({"firmware": "1.4.2", "reporting_interval_seconds": 1}, "attributes")).status_code == 200
    told = await device.client.get(f"{device.address}/attributes", params={"clientKeys": "firmware", "sharedKeys": "x"})
    assert (told.status_code, told.json()) == (200, {})
    (row,) = database.fetch("select metadata from devices")
    assert json.loads(row["metadata"]) == {"reporting_interval_seconds": 60}


@pytest.mark.parametrize("token", ["nothing", "shd_" + "x" * 43, "%2e%2e", "x" * 5000, "organizations"])
@pytest.mark.parametrize(("method", "what"), [("POST", "telemetry"), ("POST", "attributes"), ("GET", "attributes")])
async def test_who_is_not_known_is_told_so(device: Device, token: str, method: str, what: str) -> None:
    answer = await device.client.request(method, f"/api/v1/{token}/{what}", content=b"{}")
    # where a path of the hub's own leads, it leads there
    assert answer.status_code == 401, answer.text


@pytest.mark.parametrize(
    ("body", "status"), [(b"", 400), (b"power=1", 400), (b"[5]", 200), (b"[" + b"{}," * 10_000 + b"{}]", 413)]
)
async def test_a_body_that_cannot_be_read_is_refused(device: Device, body: bytes, status: int) -> None:
    assert (await device.post(body)).status_code == status


async def test_nothing_is_acknowledged_that_is_not_on_disk(device: Device, database: TestDatabase) -> None:
    execute(database.admin_url, FAILING, AT_COMMIT)
    answer = await device.post({"power_output": 1})

    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
    assert stored(database) == []


async def test_a_device_reaches_the_hub_by_whatever_name_it_was_given(device: Device) -> None:
    async with client_of(device.door.app, host="things.example") as client:
        answer = await client.post(f"{device.address}/telemetry", json={"power_output": 1})
        assert answer.status_code == 200


def test_no_path_of_the_hub_itself_is_taken(door: Door) -> None:
    """The first part of these addresses may be anything: they stand behind every path that has a name."""
    app: FastAPI = door.app
    paths = [context.path or "" for context in iter_route_contexts(app.routes)]
    first = min(number for number, path in enumerate(paths) if path.startswith("/api/v1/{token}/"))

    assert all(path.startswith("/api/v1/{token}/") for path in paths[first:])


async def test_the_token_in_the_address_is_never_written_down(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    written = io.StringIO()
    log.configure(stream=written)
    monkeypatch.setattr(device.door.app.state, "catalogues", None)  # an error that nobody foresaw

    answer = await device.post({"power_output": 1})

    assert answer.status_code == 500
    assert device.door.token not in answer.text
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    told = [line for line in lines if line["logger"] != "httpx"]  # what calls here has a log of its own
    assert [line["path"] for line in told if line["event"] == "request failed"] == ["/api/v1/shd_***/telemetry"]
    assert device.door.token not in json.dumps(told)


async def test_whatever_is_sent_is_answered(device: Device) -> None:
    """Nothing that anybody writes in there is an error of the hub."""
    bodies: list[bytes] = []
    values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
    keys = st.sampled_from(["ts", "values", "power_output", "voltage_dc:l1", ":"]) | st.text(max_size=4)
    documents = st.recursive(
        values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3)
    )

    @settings(max_examples=60, database=None, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(documents.map(lambda each: json.dumps(each).encode()) | st.binary(max_size=40))
    def gather(body: bytes) -> None:
        bodies.append(body)

    gather()
    for body in bodies:
        answer = await device.post(body)
        assert answer.status_code in (200, 400), (body, answer.text)
