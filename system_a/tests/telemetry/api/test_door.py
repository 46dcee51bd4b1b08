"""The door for devices over HTTP: each bad input with its status and its sentence, and its neighbours stored."""

import asyncio
import gzip
import json
import math
import resource
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx

from solarhub.kit.clock import now
from tests.conftest import MakeTenant, TestDatabase, execute
from tests.telemetry.conftest import AT_COMMIT, FAILING, Door, recently, stored

GOOD = {"power_output": 2.9, "voltage_dc": {"string1": 380.1}}
GOOD_READINGS = {"power_output": 2.9, "voltage_dc:string1": 380.1}


def answer(stored: int = 0, duplicates: int = 0, conflicts: int = 0) -> dict[str, object]:
    return {"stored": stored, "duplicates": duplicates, "conflicts": conflicts, "quarantined": []}


def told(response: httpx.Response) -> list[tuple[int, str | None, str]]:
    return [(entry["index"], entry["metric"], entry["reason"]) for entry in response.json()["quarantined"]]


async def test_one_sample_is_stored(door: Door, database: TestDatabase) -> None:
    at = recently()
    response = await door.post({"timestamp": at.isoformat(), "metrics": GOOD})

    assert (response.status_code, response.json()) == (200, answer(stored=1))
    assert stored(database) == [(door.tenant.device_keys["Inverter 1"], at, False, GOOD_READINGS)]


async def test_a_sample_without_a_time_gets_that_of_its_arrival(door: Door, database: TestDatabase) -> None:
    before = now()
    await door.post({"metrics": GOOD})

    assert before <= stored(database)[0][1] <= now()


async def test_what_is_sent_again_is_a_duplicate(door: Door, database: TestDatabase) -> None:
    start = int(recently().timestamp())
    first = {"samples": [{"timestamp": start + 60 * n, "metrics": GOOD} for n in range(3)]}
    more = {"samples": [{"timestamp": start + 60 * n, "metrics": GOOD} for n in range(5)]}

    answers = [(await door.post(body)).json() for body in (first, first, more)]

    assert answers == [answer(stored=3), answer(duplicates=3), answer(stored=2, duplicates=3)]
    assert len(stored(database)) == 5


async def test_an_empty_batch_is_answered(door: Door) -> None:
    response = await door.post({"samples": []})

    assert (response.status_code, response.json()) == (200, answer())


BAD: list[tuple[str, str, str | None, str, str]] = [
    # timestamp, metrics as they are written | metric, reason and part of the sentence in the answer
    ("", '{"power_output": NaN}', "power_output", "not_finite", "allowed are -5,000 to 250,000 kW"),
    ("", '{"power_output": 1e309}', "power_output", "not_finite", "not finite or too large"),
    ("", '{"power_output": "2.9"}', "power_output", "not_a_number", '"2.9" is not a number'),
    ("", '{"powr_output": 2.9}', "powr_output", "unknown_metric", "did you mean power_output?"),
    ("", '{"power_output": 1e6}', "power_output", "implausible", "1,000,000 is no plausible power_output"),
    ("", '{"voltage_dc": {"A 1": 380.1}}', "voltage_dc:A 1", "unreadable_channel", "a-z, 0-9 and underscore"),
    ("", "{}", None, "no_metrics", "names of the catalogue"),
    ("2099-01-01T00:00:00Z", '{"humidity": 40}', None, "timestamp_in_future", "allowed is up to 5 minutes ahead"),
    ("1970-01-01T00:00:00Z", '{"humidity": 40}', None, "timestamp_too_old", "allowed are the last 400 days"),
    ("yesterday", '{"humidity": 40}', None, "timestamp_unreadable", "allowed are RFC 3339"),
]


async def test_each_bad_value_in_a_good_batch_is_quarantined_and_its_neighbours_are_stored(
    door: Door, database: TestDatabase
) -> None:
    start = int(recently().timestamp())
    expected = []
    for number, (timestamp, metrics, metric, reason, sentence) in enumerate(BAD):
        before, bad, after = (start + 180 * number + offset for offset in (0, 60, 120))
        at = json.dumps(timestamp) if timestamp else str(bad)
        good = f'"metrics": {json.dumps(GOOD)}'
        body = (
            f'{{"samples": [{{"timestamp": {before}, {good}}}, {{"timestamp": {at}, "metrics": {metrics}}},'
            f' {{"timestamp": {after}, {good}}}]}}'
        )

        response = await door.post(body.encode())

        assert response.status_code == 200, body
        assert (response.json()["stored"], told(response)) == (2, [(1, metric, reason)])
        assert sentence in response.json()["quarantined"][0]["detail"]
        expected.append((door.tenant.devices["Inverter 1"], metric, reason))
    assert [readings for *_, readings in stored(database)] == [GOOD_READINGS] * 2 * len(BAD)
    rows = database.fetch("select device_id, metric, reason from telemetry_quarantine order by id")
    assert [tuple(row) for row in rows] == expected


async def test_the_rest_of_a_sample_with_a_bad_value_is_stored(door: Door, database: TestDatabase) -> None:
    response = await door.post({"metrics": GOOD | {"frequency": math.nan}})

    assert (response.json()["stored"], told(response)) == (1, [(0, "frequency", "not_finite")])
    assert stored(database)[0][3] == GOOD_READINGS


async def test_a_member_that_is_no_sample_is_quarantined_and_its_neighbour_is_stored(
    door: Door, database: TestDatabase
) -> None:
    response = await door.post({"samples": ["?", {"metrics": GOOD}, {"metrics": GOOD, "time": 0}]})

    assert (response.json()["stored"], told(response)) == (1, [(0, None, "wrong_shape"), (2, None, "wrong_shape")])
    assert database.fetch("select count(*) from telemetry_quarantine")[0][0] == 2


UNREADABLE: list[tuple[bytes, int, str, str]] = [
    (b'{"metrics": ', 400, "Bad Request", "not JSON"),
    (b"", 400, "Bad Request", "empty"),
    (b"\xff\xfe", 400, "Bad Request", "not UTF-8"),
    (b"[" * 100_000, 400, "Bad Request", "nested too deeply"),
    (b"[]", 422, "Unprocessable Content", "body: is not an object"),
    (b'{"readings": {}}', 422, "Unprocessable Content", "metrics: is missing"),
    (b'{"metrics": 3}', 422, "Unprocessable Content", "metrics: is not an object"),
    (b'{"samples": {"metrics": {}}}', 422, "Unprocessable Content", "samples: is not an array"),
    (b'{"samples": [{"metrics": [1]}]}', 422, "Unprocessable Content", "samples[0].metrics: is not an object"),
    (b'{"samples": [' + b'{"metrics":{}},' * 10_000 + b'{"metrics":{}}]}', 413, "Content Too Large", "10,000 at once"),
    (b'{"samples": "' + b"x" * (10 * 2**20) + b'"}', 413, "Content Too Large", "10,485,760 bytes"),
    (b" " * (50 * 10**6), 413, "Content Too Large", "10,485,760 bytes"),
]


async def test_a_body_that_cannot_be_read_is_refused_as_a_whole(door: Door, database: TestDatabase) -> None:
    for body, status, title, sentence in UNREADABLE:
        response = await door.post(body)

        assert (response.status_code, response.json()["title"]) == (status, title), body[:40]
        assert response.headers["content-type"] == "application/problem+json"
        assert sentence in response.json()["detail"]
    for table in ("telemetry_samples", "telemetry_quarantine", "device_state"):
        assert database.fetch(f"select count(*) from {table}")[0][0] == 0


async def test_a_stream_without_a_length_is_cut_off_at_the_limit(door: Door) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while taken < 50 * 2**20:
            taken += 2**20
            yield b" " * 2**20

    response = await door.client.post(
        "/api/v1/telemetry", content=endless(), headers={"Authorization": f"Bearer {door.token}"}
    )

    assert response.status_code == 413
    assert taken <= 12 * 2**20


async def test_a_compressed_body_is_read(door: Door, database: TestDatabase) -> None:
    start = int(recently().timestamp())
    body = json.dumps({"samples": [{"timestamp": start + 60 * n, "metrics": GOOD} for n in range(500)]}).encode()
    parts = gzip.compress(body[:1000]) + gzip.compress(body[1000:])

    responses = [await door.post(sent, **{"Content-Encoding": "gzip"}) for sent in (gzip.compress(body), parts)]

    assert [response.json() for response in responses] == [answer(stored=500), answer(duplicates=500)]


BOMB = gzip.compress(b" " * 300_000_000)

BADLY_PACKED: list[tuple[bytes, str, int, str]] = [
    (b"\x1f\x8b", "gzip", 400, "breaks off"),
    (b"{}", "gzip", 400, "is said to be gzip, and is not"),
    (gzip.compress(b"{}")[:-3], "gzip", 400, "breaks off"),
    (b"{}", "br", 400, "'br'"),
    (BOMB, "gzip", 413, "grows to more than"),
    (gzip.compress(b" " * (10 * 2**20 + 1), compresslevel=0), "gzip", 413, "10,485,760 bytes"),
    (gzip.compress(b" " * (2 * 2**20)), "gzip", 413, "grows to more than 1,048,576 bytes"),
]


async def test_what_was_packed_badly_or_grows_without_measure_is_refused(door: Door) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for body, encoding, status, sentence in BADLY_PACKED:
        response = await door.post(body, **{"Content-Encoding": encoding})

        assert response.status_code == status, (body[:20], response.text)
        assert sentence in response.json()["detail"]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


STRANGERS = ("", "Bearer", "Bearer ", "Basic abc", "Bearer shd_", f"Bearer shd_{'A' * 43}", "Bearer \u00e9")


async def test_an_unknown_sender_is_refused_whatever_it_sends(door: Door) -> None:
    for authorization in (None, *STRANGERS):
        headers = [] if authorization is None else [(b"Authorization", authorization.encode("latin-1"))]
        for body in (b'{"metrics": {}}', b"?"):
            response = await door.client.post("/api/v1/telemetry", content=body, headers=headers)

            assert (response.status_code, response.json()["title"]) == (401, "Unauthorized"), authorization
            assert response.headers["www-authenticate"] == "Bearer"


async def test_a_device_says_nothing_for_another(door: Door, database: TestDatabase, make_tenant: MakeTenant) -> None:
    other = await make_tenant("Other")
    response = await door.post({"metrics": GOOD, "device_id": str(other.devices["Inverter 1"])})

    assert response.status_code == 422
    assert "device_id: is not known" in response.json()["detail"]


async def test_a_device_of_a_suspended_organization_is_turned_away(door: Door, database: TestDatabase) -> None:
    database.fetch("update organizations set status = 'suspended'")
    response = await door.post({"metrics": GOOD})

    assert response.status_code == 403
    assert "suspended" in response.json()["detail"]


async def test_the_kind_of_content_does_not_matter(door: Door) -> None:
    response = await door.post({"metrics": GOOD}, **{"Content-Type": "application/x-www-form-urlencoded"})

    assert response.status_code == 200


async def test_a_commit_that_fails_is_no_2xx_at_the_door(door: Door, database: TestDatabase) -> None:
    database.fetch(FAILING, AT_COMMIT)
    response = await door.post({"metrics": GOOD})

    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0
    assert response.json()["title"] == "Service Unavailable"
    assert stored(database) == []


async def test_a_commit_that_fails_is_no_2xx_for_people_either(door: Door, database: TestDatabase) -> None:
    database.fetch(FAILING, AT_COMMIT.replace("insert or update on device_state", "insert on devices"))
    devices = f"/api/v1/organizations/{door.tenant.organization_id}/devices"
    device = {"site_id": str(door.tenant.site_id), "name": "New", "device_type": "meter", "protocol": "http"}

    refused = await door.client.post(devices, json=device)
    there_then = database.fetch("select count(*) from devices")[0][0]
    database.fetch("drop trigger planted on devices")
    taken = await door.client.post(devices, json=device)

    assert 500 <= refused.status_code < 600
    assert refused.headers["content-type"] == "application/problem+json"
    assert there_then == 1
    # nothing but the COMMIT stood in the way
    assert taken.status_code == 201


async def test_while_the_database_is_away_the_answer_is_503_and_nothing_is_acknowledged(
    door: Door, database: TestDatabase
) -> None:
    await door.post({"metrics": GOOD})
    postgres = database.server.url("solarhub_admin", "postgres")
    execute(
        postgres,
        f"alter database {database.name} with allow_connections false",
        f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database.name}'",
    )
    at = recently()
    refused = [await door.post({"timestamp": at.isoformat(), "metrics": GOOD}) for _ in range(3)]
    execute(postgres, f"alter database {database.name} with allow_connections true")

    assert {response.status_code for response in refused} == {503}
    assert all(int(response.headers["retry-after"]) > 0 for response in refused)
    async with asyncio.timeout(10):
        response = refused[-1]
        while response.status_code == 503:
            await asyncio.sleep(0.05)
            response = await door.post({"timestamp": at.isoformat(), "metrics": GOOD})
    assert response.json()["stored"] == 1


async def test_a_hundred_senders_at_once_are_all_answered_truly(door: Door, database: TestDatabase) -> None:
    start = recently()
    bodies = [
        {
            "samples": [
                {"timestamp": (start + timedelta(seconds=100 * n + k)).isoformat(), "metrics": GOOD} for k in range(9)
            ]
        }
        for n in range(100)
    ]
    responses = await asyncio.gather(*(door.post(body) for body in bodies))

    assert {(response.status_code, response.json()["stored"]) for response in responses} == {(200, 9)}
    assert len(stored(database)) == 900
