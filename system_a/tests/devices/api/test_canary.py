"""A secret that is handed in is never seen again: not in an answer, not in a log, not in any row of any table."""

import logging
from typing import Any

import httpx
import pytest

from tests.clients import commissioned
from tests.conftest import TestDatabase
from tests.devices.inverters import KEPT, MODBUS, MQTT, entered, inverter

CANARY = "swordfish-7f3a"

SECRETS: list[tuple[str, dict[str, Any], str, Any]] = [
    ("mqtt", MQTT, "password", CANARY),
    ("http", {"url": "http://10.0.0.7/data"}, "headers", {"X-API-Key": CANARY}),
    ("custom", {"driver": "growatt_cloud"}, "secrets", {"account": CANARY}),
]

WRONG: list[dict[str, Any]] = [
    {"protocol": "mqtt", "connection_config": MQTT | {"password": CANARY, "username": None}},
    {"protocol": "mqtt", "connection_config": MQTT | {"password": [CANARY]}},
    {"protocol": "mqtt", "connection_config": MQTT | {"passwort": CANARY}},
    {"protocol": "mqtt", "connection_config": MQTT | {"headers": CANARY}},
    {"protocol": "mqtt", "connection_config": MQTT | {"secrets": {"a": CANARY}}},
    {"protocol": "mqtt", "connection_config": MQTT | {"password": {"sealed": CANARY}}},
    {"protocol": "mqtt", "connection_config": MQTT | {"password": {"set": True, "to": CANARY}}},
    {"protocol": "modbus_tcp", "connection_config": MODBUS | {"password": CANARY}},
    {"protocol": "modbus_tcp", "connection_config": MODBUS | {"headers": CANARY}},
    {"protocol": "modbus_tcp", "connection_config": MODBUS | {"secrets": [CANARY]}},
    {"protocol": "http", "connection_config": {"url": "http://a", "headers": {"X": CANARY + "\n"}}},
    {"protocol": "http", "connection_config": {"url": "http://a", "headers": CANARY}},
    {"protocol": "http", "connection_config": {"push": True, "headers": {"X": CANARY}}},
    {"protocol": "http", "connection_config": {"url": f"http://me:{CANARY}@a"}},
    {"protocol": "custom", "connection_config": {"driver": "X", "secrets": {"a b": CANARY}}},
    {"protocol": "custom", "connection_config": {"driver": "x", "secrets": {"a": 1, "b": CANARY}}},
    {"password": CANARY},
    {"connection_config.password": CANARY},
]


def everything(database: TestDatabase) -> str:
    """Every row of every table, as text; what is stored as bytes is read as bytes."""
    tables = database.fetch("select tablename from pg_tables where schemaname = 'public'")
    rows = [
        str(row["line"])
        for table in tables
        for row in database.fetch(f'select t::text as line from public."{table["tablename"]}" t')
    ]
    return "\n".join(rows)


@pytest.mark.parametrize(("protocol", "document", "key", "secret"), SECRETS, ids=["mqtt", "http", "custom"])
async def test_no_secret_is_ever_seen_again(
    *,
    api: httpx.AsyncClient,
    database: TestDatabase,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    protocol: str,
    document: dict[str, Any],
    key: str,
    secret: Any,
) -> None:
    caplog.set_level(logging.DEBUG)
    plant = await commissioned(api)
    devices = f"{plant.path}/devices"
    wanted = inverter(plant, protocol=protocol, connection_config=document | {key: secret})
    answers = [await api.post(devices, json=wanted, headers={"Idempotency-Key": key}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    url = f"{devices}/{answers[0].json()['id']}"
    assert answers[0].json()["connection_config"][key] == KEPT

    async def change(expected: int, **changes: Any) -> dict[str, Any]:
        answer = await api.patch(url, json=changes, headers={"If-Match": "*"})
        answers.append(answer)
        assert answer.status_code == expected, answer.text
        body: dict[str, Any] = answer.json()
        return body

    await change(200, connection_config=document | {key: secret})
    kept = await change(200, connection_config=document | {key: KEPT})
    assert kept["connection_config"][key] == KEPT
    for path in (url, devices, f"{devices}/export?format=csv", f"{devices}/export?format=jsonl", f"{plant.path}/audit"):
        answers.append(await api.get(path))
        assert answers[-1].status_code == 200
    answers.append(await api.post(f"{url}/replace", json={"connection_config": document | {key: secret}}))
    answers.append(await api.delete(url, headers={"If-Match": "*"}))
    assert answers[-2].json()["device"]["connection_config"][key] == KEPT

    assert not any(CANARY in answer.text for answer in answers)
    assert CANARY not in caplog.text
    assert CANARY not in "".join(capfd.readouterr())
    rows = everything(database)
    assert CANARY not in rows
    assert CANARY.encode().hex() not in rows
    assert "sealed" in rows


async def test_a_refused_secret_is_not_repeated(
    api: httpx.AsyncClient, database: TestDatabase, caplog: pytest.LogCaptureFixture, subtests: pytest.Subtests
) -> None:
    caplog.set_level(logging.DEBUG)
    plant = await commissioned(api)
    url, _ = await entered(api, plant)
    for number, wrong in enumerate(WRONG):
        with subtests.test(number=number):
            refusals = [
                await api.post(f"{plant.path}/devices", json=inverter(plant, **wrong)),
                await api.patch(url, json=wrong, headers={"If-Match": "*"}),
                await api.post(f"{url}/replace", json=wrong),
            ]
            assert [answer.status_code for answer in refusals] == [422, 422, 422]
            assert not any(CANARY in answer.text for answer in refusals)
    assert CANARY not in caplog.text
    assert CANARY not in everything(database)


async def test_a_secret_is_kept_replaced_and_removed(api: httpx.AsyncClient, database: TestDatabase) -> None:
    plant = await commissioned(api)
    url, _ = await entered(api, plant, protocol="mqtt", connection_config=MQTT | {"password": CANARY})

    async def after(connection: dict[str, Any]) -> tuple[Any, Any]:
        answer = await api.patch(url, json={"connection_config": connection}, headers={"If-Match": "*"})
        assert answer.status_code == 200, answer.text
        [row] = database.fetch("select connection_config ->> 'password' as password from devices")
        return answer.json()["connection_config"].get("password"), row["password"]

    shown, sealed = await after(MQTT | {"password": KEPT, "broker": "other.example.com"})
    assert shown == KEPT
    assert sealed is not None
    assert await after(MQTT) == (None, None)
    again = await api.patch(url, json={"connection_config": MQTT | {"password": KEPT}}, headers={"If-Match": "*"})
    [error] = again.json()["errors"]
    assert (error["field"], error["value"]) == ("connection_config.password", "***")
    assert (await after(MQTT | {"password": CANARY}))[0] == KEPT
    assert await after(MQTT | {"password": None}) == (None, None)


async def test_a_secret_in_clear_is_sealed_by_the_next_write(api: httpx.AsyncClient, database: TestDatabase) -> None:
    plant = await commissioned(api)
    url, _ = await entered(api, plant, protocol="mqtt", connection_config=MQTT | {"password": "x"})
    database.fetch(
        f"update devices set connection_config = jsonb_set(connection_config, '{{password}}', '\"{CANARY}\"')"
    )
    shown = await api.get(url)
    assert shown.json()["connection_config"] == MQTT | {"password": KEPT}
    connection = shown.json()["connection_config"]
    answer = await api.patch(url, json={"connection_config": connection}, headers={"If-Match": "*"})
    assert answer.json()["connection_config"] == connection
    assert CANARY not in everything(database)
