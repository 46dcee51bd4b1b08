"""What InfluxDB's clients send, to the byte, and how they are answered."""

import base64
import gzip
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solarhub.devices import senders
from tests.calling import client_of
from tests.conftest import TestDatabase, execute
from tests.telemetry.conftest import AT_COMMIT, FAILING, Door, recently, stored

AT = recently()
NS = int(AT.timestamp()) * 10**9
TELEGRAF = {
    "User-Agent": "Telegraf/1.33.0 Go/1.23.4",
    "Content-Type": "text/plain; charset=utf-8",
    "Accept-Encoding": "gzip",
}
"""As its HTTP client sends them, whatever it sends."""


class Sender:
    """A client that is nobody but for the token that it sends."""

    def __init__(self, door: Door, client: httpx.AsyncClient) -> None:
        self.door, self.client, self.token = door, client, door.token

    async def write(self, lines: str | bytes, path: str = "/write?db=telegraf", **headers: str) -> httpx.Response:
        body = lines if isinstance(lines, bytes) else lines.encode()
        named = {"Authorization": f"Token {self.token}"} | headers
        return await self.client.post(path, content=body, headers=TELEGRAF | named)


@pytest.fixture
async def sender(door: Door) -> AsyncIterator[Sender]:
    async with client_of(door.app) as client:
        yield Sender(door, client)


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def readings(database: TestDatabase) -> list[dict[str, float]]:
    return [row[3] for row in stored(database)]


def quarantined(database: TestDatabase) -> list[tuple[str | None, str]]:
    rows = database.fetch("select metric, reason from telemetry_quarantine order by id")
    return [(row["metric"], row["reason"]) for row in rows]


async def test_telegraf_writes_to_it_as_to_influxdb_1(sender: Sender, database: TestDatabase) -> None:
    """`[[outputs.influxdb]]` with username, password and content_encoding = "gzip"; the first flush after its start."""
    proof = {"Authorization": basic("telegraf", sender.token)}
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    created = await sender.client.post(
        "/query", content=b"q=CREATE+DATABASE+%22telegraf%22", headers=TELEGRAF | form | proof
    )
    lines = (
        f"modbus,host=pi,name=inverter,slave_id=1,type=holding_register power_output=2.913,frequency=49.98 {NS}\n"
        f"modbus,channel=mppt1,host=pi,name=inverter voltage_dc=612.5,current_dc=4i {NS}\n"
        f"cpu,cpu=cpu-total,host=pi usage_idle=98.2 {NS}\n"
    )
    written = await sender.write(gzip.compress(lines.encode()), **proof, **{"Content-Encoding": "gzip"})

    assert (created.status_code, created.json()) == (200, {"results": [{"statement_id": 0}]})
    assert (written.status_code, written.content) == (204, b"")
    assert written.headers["x-influxdb-version"].startswith("1.8")
    assert [(row[1], row[3]) for row in stored(database)] == [
        (AT, {"power_output": 2.913, "frequency": 49.98, "voltage_dc:mppt1": 612.5, "current_dc:mppt1": 4.0})
    ]
    assert quarantined(database) == [("usage_idle", "unknown_metric")]


async def test_telegraf_writes_to_it_as_to_influxdb_2(sender: Sender, database: TestDatabase) -> None:
    """`[[outputs.influxdb_v2]]` with token, organization and bucket."""
    answer = await sender.write(f"m power_output=1.5 {NS}\n", "/api/v2/write?bucket=solar&org=acme")

    assert (answer.status_code, answer.content) == (204, b"")
    assert readings(database) == [{"power_output": 1.5}]


async def test_other_clients_ask_first_who_is_there(sender: Sender) -> None:
    for method in ("GET", "HEAD"):
        ping = await sender.client.request(method, "/ping")
        assert (ping.status_code, "x-influxdb-version" in ping.headers) == (204, True)
    health = (await sender.client.get("/health")).json()
    assert (health["status"], health["name"]) == ("pass", "solarhub")
    shown = await sender.client.get("/query", params={"q": "SHOW DATABASES", "u": "x", "p": sender.token})
    assert shown.json() == {
        "results": [
            {"statement_id": 0, "series": [{"name": "databases", "columns": ["name"], "values": [["solarhub"]]}]}
        ]
    }
    several = await sender.client.get("/query", params={"q": 'create database "a"; select * from b', "p": sender.token})
    assert [set(result) for result in several.json()["results"]] == [{"statement_id"}, {"statement_id", "error"}]


@pytest.mark.parametrize("path", ["/write", "/api/v2/write"])
async def test_the_token_comes_in_any_of_their_ways(sender: Sender, path: str, database: TestDatabase) -> None:
    token = sender.token
    ways: list[tuple[dict[str, str], dict[str, str]]] = [
        ({"Authorization": f"Token {token}"}, {}),
        ({"Authorization": f"Token anybody:{token}"}, {}),
        ({"Authorization": f"Bearer {token}"}, {}),
        ({"Authorization": f"token {token}"}, {}),
        ({"Authorization": basic("anybody", token)}, {}),
        ({"Authorization": basic("", token)}, {}),
        ({}, {"u": "anybody", "p": token}),
        ({}, {"p": token}),
    ]
    for number, (headers, query) in enumerate(ways):
        line = f"m power_output=1 {NS + number * 10**9}"
        answer = await sender.client.post(path, params=query, content=line.encode(), headers=headers)
        assert answer.status_code == 204, (headers, query)
    assert len(readings(database)) == len(ways)


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Token",
        "Token x",
        "Basic ???",
        "Basic bm90aGluZw==",
        "Digest x",
        "Bearer shd_" + "x" * 43,
        "Token \xff",
    ],
)
async def test_who_is_not_known_is_told_so_in_their_words(sender: Sender, authorization: str | None) -> None:
    headers = [] if authorization is None else [(b"Authorization", authorization.encode("latin-1"))]
    for path in ("/write", "/api/v2/write", "/query"):
        answer = await sender.client.post(path, content=b"m f=1", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Token"
        told = answer.json()
        assert told.keys() == ({"code", "message"} if path.startswith("/api/v2") else {"error"})
        assert told.get("code", "unauthorized") == "unauthorized"


async def test_a_page_of_another_site_has_no_way_to_send_what_somebody_typed(sender: Sender) -> None:
    """A browser asks for a password only where it is told of Basic, and never sends one of its own accord otherwise."""
    answer = await sender.client.post("/write", content=b"m f=1", headers={"Sec-Fetch-Site": "cross-site"})

    assert "basic" not in answer.headers["www-authenticate"].lower()


@pytest.mark.parametrize(
    ("precision", "timestamp"), [("ns", NS), ("us", NS // 10**3), ("ms", NS // 10**6), ("s", NS // 10**9)]
)
async def test_times_are_counted_as_the_request_says(
    sender: Sender, database: TestDatabase, precision: str, timestamp: int
) -> None:
    await sender.write(f"m power_output=1 {timestamp}", f"/write?db=x&precision={precision}")
    assert stored(database)[0][1] == AT


async def test_a_precision_that_nobody_knows_is_refused(sender: Sender) -> None:
    answer = await sender.write("m power_output=1 1", "/write?db=x&precision=fortnight")
    assert (answer.status_code, "invalid precision" in answer.json()["error"]) == (400, True)


async def test_what_is_sent_again_changes_nothing(sender: Sender, database: TestDatabase) -> None:
    lines = f"m power_output=1 {NS}\nm power_output=2 {NS + 10**9}"

    assert [(await sender.write(lines)).status_code for _ in range(2)] == [204, 204]
    assert readings(database) == [{"power_output": 1.0}, {"power_output": 2.0}]


async def test_a_line_that_is_no_point_is_told_and_kept_and_stops_no_neighbour(
    sender: Sender, database: TestDatabase
) -> None:
    lines = f"m power_output=1 {NS}\nwhat is this\nm frequency=50 {NS + 10**9}"
    first = await sender.write(lines)
    second = await sender.write(lines, "/api/v2/write")

    told = "partial write: unable to parse 'what is this': invalid field format dropped=1"
    assert (first.status_code, first.json()) == (400, {"error": told})
    assert (second.status_code, second.json()) == (400, {"code": "invalid", "message": told})
    assert readings(database) == [{"power_output": 1.0}, {"frequency": 50.0}]
    assert quarantined(database)[0] == (None, "wrong_shape")
    nothing = await sender.write("what is this")
    assert nothing.json() == {"error": "unable to parse 'what is this': invalid field format"}


@pytest.mark.parametrize("lines", [b"", b"\n\n", b"# remark\n"])
async def test_a_body_without_points_is_taken(sender: Sender, lines: bytes) -> None:
    assert (await sender.write(lines)).status_code == 204


async def test_a_gateway_writes_for_its_devices_and_for_no_others(
    door: Door, sender: Sender, database: TestDatabase
) -> None:
    child = database.fetch(
        "insert into devices (site_id, organization_id, name, device_type, protocol, gateway_id, serial_number)"
        " select site_id, organization_id, 'Inverter 2', 'inverter', 'http', id, 'SN-2' from devices"
        " returning device_key, id"
    )[0]
    senders.forget_all()
    lines = [
        f"m,device=Inverter\\ 2 power_output=2 {NS}",
        f"m,serial=SN-2 frequency=50 {NS}",
        f"m uptime=5i {NS}",
        f"m,device=Inverter\\ 3 power_output=3 {NS}",
    ]
    assert (await sender.write("\n".join(lines))).status_code == 204

    own = door.tenant.device_keys["Inverter 1"]
    assert {row[0]: row[3] for row in stored(database)} == {
        own: {"uptime": 5.0},
        child["device_key"]: {"power_output": 2.0, "frequency": 50.0},
    }
    assert quarantined(database) == [(None, "unknown_device")]


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"m f=1", {"Content-Encoding": "gzip"}, 400),
        (gzip.compress(b"m f=1")[:-6], {"Content-Encoding": "gzip"}, 400),
        (b"m f=1", {"Content-Encoding": "snappy"}, 400),
        (gzip.compress(bytes(11 * 2**20)), {"Content-Encoding": "gzip"}, 413),
        (b"m f=1 1\n" * 20_001, {}, 413),
    ],
    ids=["no gzip", "breaks off", "snappy", "bomb", "too many"],
)
async def test_a_body_that_cannot_be_taken_is_refused_in_their_words(
    sender: Sender, database: TestDatabase, body: bytes, headers: dict[str, str], status: int
) -> None:
    answer = await sender.write(body, **headers)

    assert answer.status_code == status
    assert answer.json().keys() == {"error"}
    assert stored(database) == []


async def test_more_than_may_be_sent_is_refused_before_it_is_read(sender: Sender) -> None:
    assert (await sender.write(b"x" * (10 * 2**20 + 1))).status_code == 413


async def test_nothing_is_acknowledged_that_is_not_on_disk(sender: Sender, database: TestDatabase) -> None:
    execute(database.admin_url, FAILING, AT_COMMIT)
    answer = await sender.write(f"m power_output=1 {NS}")

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json().keys() == {"error"}
    assert stored(database) == []


async def test_a_hub_that_is_not_reached_by_its_name_takes_points_all_the_same(sender: Sender) -> None:
    """Telegraf is given the address that works, whatever that is; it knows of no page that a stranger could open."""
    async with client_of(sender.door.app, host="raspberrypi.local") as client:
        line = f"m power_output=1 {NS}".encode()
        answer = await client.post("/write", content=line, headers={"Authorization": f"Token {sender.token}"})
        assert answer.status_code == 204
        assert (await client.get("/ping")).status_code == 204


async def test_whatever_is_sent_is_answered(sender: Sender) -> None:
    """Nothing that anybody writes in there is an error of the hub."""
    bodies: list[Any] = []

    @settings(max_examples=60, database=None, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.text('mpower_output,= \\"\n#1itrue.e-:', max_size=80) | st.binary(max_size=80),
        st.sampled_from(["", "ns", "ms", "h", "x", "\0"]),
        st.sampled_from(["", "gzip", "identity", "x" * 99]),
    )
    def gather(body: str | bytes, precision: str, encoding: str) -> None:
        bodies.append((body if isinstance(body, bytes) else body.encode(), precision, encoding))

    gather()
    for body, precision, encoding in bodies:
        answer = await sender.client.post(
            "/write",
            params={"precision": precision},
            content=body,
            headers={"Authorization": f"Token {sender.token}", "Content-Encoding": encoding},
        )
        assert answer.status_code in (204, 400), (body, answer.text)
        assert answer.status_code == 204 or json.loads(answer.text).keys() == {"error"}


async def test_points_of_all_ages_are_judged_by_the_hubs_clock(sender: Sender, database: TestDatabase) -> None:
    future = int(datetime(2199, 1, 1, tzinfo=UTC).timestamp())
    answers = [await sender.write(f"m power_output=1 {at}", "/write?precision=s") for at in (future, 1, 9 * 10**18)]

    assert [answer.status_code for answer in answers] == [204, 204, 204]
    assert [reason for _, reason in quarantined(database)] == [
        "timestamp_in_future",
        "timestamp_too_old",
        "timestamp_unreadable",
    ]
