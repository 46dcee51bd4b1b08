"""Plants, devices and customers from one file."""

import csv
import io
import json
from time import perf_counter
from typing import Any

import httpx
import pytest

from tests.clients import People, Plant, commissioned, refused
from tests.conftest import TestDatabase

HEADERS = (
    "site_name,latitude,longitude,customer_name,customer_phone,customer_email,"
    "device_name,device_type,protocol,serial_number,host"
)


async def send(
    api: httpx.AsyncClient, plant: Plant, body: str | bytes | list[dict[str, Any]], *, accept: str = "*/*", **wish: str
) -> httpx.Response:
    as_json = isinstance(body, list)
    content = json.dumps(body).encode() if isinstance(body, list) else body
    return await api.post(
        f"{plant.path}/imports/sites",
        content=content,
        params=wish,
        headers={"Content-Type": "application/json" if as_json else "text/csv", "Accept": accept},
    )


async def entered(api: httpx.AsyncClient, plant: Plant, body: Any, **how: str) -> dict[str, Any]:
    answer = await send(api, plant, body, **how)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def counted(answer: dict[str, Any], what: str) -> tuple[int, int, int]:
    tally = answer[what]
    return tally["new"], tally["already_there"], tally["failed"]


TWO_PLANTS = f"""{HEADERS}
Gulberg roof,31.5204,74.3587,Bilal Ahmed,+92 300 1234567,bilal@example.com,Inverter,inverter,modbus_tcp,HV-1,10.0.0.1
Gulberg roof,,,,,,Meter,Meter,Modbus TCP,MT-1,10.0.0.2
گلبرگ پلانٹ,31.51,74.34,عائشہ خان,,,,,,,
"""


async def test_a_file_becomes_plants_devices_and_customers_with_a_link_each(
    api: httpx.AsyncClient, people: People
) -> None:
    plant = await commissioned(api)
    answer = await entered(api, plant, TWO_PLANTS)

    assert (answer["stored"], answer["rows"], answer["errors"]) == (True, 3, [])
    assert [counted(answer, what) for what in ("sites", "devices", "customers")] == [(2, 0, 0)] * 3
    roof, urdu = answer["results"]
    site = (await api.get(f"{plant.path}/sites/{roof['site_id']}")).json()
    assert (site["name"], site["latitude"], site["longitude"]) == ("Gulberg roof", 31.5204, 74.3587)
    meter = (await api.get(f"{plant.path}/devices/{roof['devices'][1]['device_id']}")).json()
    assert (meter["device_type"], meter["protocol"], meter["site_id"]) == ("meter", "modbus_tcp", roof["site_id"])
    assert meter["connection_config"]["host"] == "10.0.0.2"
    [bilal], [ayesha] = roof["customers"], urdu["customers"]
    assert (urdu["name"], ayesha["name"], ayesha["outcome"]) == ("گلبرگ پلانٹ", "عائشہ خان", "new")
    assert bilal["whatsapp_link"].startswith("https://wa.me/923001234567?text=")

    looked = await people.anonymous().post("/api/v1/invitations/look", json={"token": ayesha["link"].partition("#")[2]})
    assert looked.json()["site_name"] == "گلبرگ پلانٹ"
    assert looked.json()["role"] == "viewer"
    listed = (await api.get(f"{plant.path}/grants")).json()["items"]
    assert {(grant["name"], grant["state"]) for grant in listed} == {
        ("Bilal Ahmed", "invited"),
        ("عائشہ خان", "invited"),
    }


async def test_the_same_file_again_creates_nothing_and_invites_nobody_twice(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    await entered(api, plant, TWO_PLANTS)

    again = await entered(api, plant, TWO_PLANTS.replace("Gulberg roof", " GULBERG  Roof "))

    assert [counted(again, what) for what in ("sites", "devices", "customers")] == [(0, 2, 0)] * 3
    assert all(customer["link"] is None for site in again["results"] for customer in site["customers"])
    assert (await api.get(f"{plant.path}/sites")).json()["total"] == 3
    assert (await api.get(f"{plant.path}/devices")).json()["total"] == 2
    assert (await api.get(f"{plant.path}/grants")).json()["total"] == 2


async def test_rows_for_a_plant_that_is_there_add_devices_and_customers_to_it(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    answer = await entered(
        api,
        plant,
        [
            {"site_name": "acme solar PLANT", "device_name": "Gateway", "device_type": "gateway", "protocol": "http"},
            {"site_name": "Acme Solar plant", "customer_phone": 923001234567},
        ],
    )
    [site] = answer["results"]
    assert (site["outcome"], site["site_id"], site["devices"][0]["outcome"]) == ("already_there", plant.site_id, "new")
    assert (site["customers"][0]["phone"], site["customers"][0]["outcome"]) == ("923001234567", "new")


BAD = """site_name,latitude,longitude,kw,disco,device_name,device_type,protocol,host,port,serial_number
A,200,74,10kw,lesko,Inverter 1,toaster,modbus_tcp,192.168.1.1,502,S1
B,31,74,,,Inverter 1,inverter,modbus_tcp,,99999,2.10E+12
B,32,,,,Inverter 1,inverter,telnet,x,,
,31,74,,,,,,,,
C,31,74,5,lesco,Inverter 1,inverter,http,,,S9
C,,,,,Inverter 1,inverter,http,,,S9,surplus
D,31,74,5,lesco,Meter,meter,http,,,S9
E,,,,,,,,,,
"""


async def test_a_dry_run_names_every_bad_cell_by_line_and_column_and_stores_nothing(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    answer = await entered(api, plant, BAD, dry_run="true")

    told = [(error["line"], error["column"]) for error in answer["errors"]]
    assert told == [
        (2, "disco_provider"),
        (2, "latitude"),
        (2, "system_capacity_kw"),
        (2, "device_type"),
        (3, "serial_number"),
        (3, "host"),
        (3, "port"),
        (4, "latitude"),
        (4, "protocol"),
        (5, "site_name"),
        (7, None),
        (8, "serial_number"),
        (9, "latitude"),
        (9, "longitude"),
    ]
    assert all(error["message"] and error["allowed"] for error in answer["errors"])
    assert answer["stored"] is False
    assert (await api.get(f"{plant.path}/sites")).json()["total"] == 1


async def test_all_or_nothing_stores_nothing_and_row_by_row_what_is_good(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    file = f"{HEADERS}\nGood,31,74,,,,Inverter 1,inverter,http,G1,\nBad,999,74,,,,Inverter 2,inverter,http,G2,\n"

    [error] = refused(await send(api, plant, file))
    assert (error["field"], error["value"]) == ("lines[3].latitude", 999)
    assert (await api.get(f"{plant.path}/sites")).json()["total"] == 1

    answer = await entered(api, plant, file, mode="row_by_row")
    assert (counted(answer, "sites"), counted(answer, "devices")) == ((1, 0, 1), (1, 0, 1))
    assert [site["outcome"] for site in answer["results"]] == ["new", "failed"]
    assert (await api.get(f"{plant.path}/sites")).json()["total"] == 2


async def test_a_number_that_a_stranger_holds_is_a_bad_row_like_any_other(api: httpx.AsyncClient) -> None:
    ours, theirs = await commissioned(api, "Ours"), await commissioned(api, "Theirs")
    file = f"{HEADERS}\nRoof,31,74,Bilal,,,Inverter 1,inverter,http,TAKEN,\nRoof,,,,,,Inverter 2,inverter,http,FREE,\n"
    await entered(api, theirs, file.replace("FREE", "OTHER"))

    [error] = refused(await send(api, ours, file))
    assert error["field"] == "lines[2].serial_number"
    assert (await api.get(f"{ours.path}/sites")).json()["total"] == 1
    answer = await entered(api, ours, file, mode="row_by_row")
    assert [each["outcome"] for each in answer["results"][0]["devices"]] == ["failed", "new"]
    assert answer["results"][0]["customers"][0]["outcome"] == "new"
    assert theirs.organization_id not in json.dumps(answer)


@pytest.mark.parametrize(
    "file",
    [
        "\ufeffsite_name;latitude;longitude\r\nPlant;31,52;74,36\r\n;;\r\n\r\n".encode(),
        b"sep=;\r\nSite Name;Lat;Long\r\nPlant;31,52;74,36\r\n",
        "site-name\tLATITUDE\tLongitude\t\t\nPlant\t31.52\t74.36\t\t\n".encode("utf-16"),
        '"site_name","latitude","longitude"\n"\u00a0Plant\u200b","\u06f3\u06f1\u066b\u06f5\u06f2","74.36"\n'.encode(),
        b"plant,lat,lng\nPlant, 31.52 ,74.36\n",
    ],
    ids=["semicolons and a mark", "Excel says what parts cells", "Unicode text", "Urdu digits", "other headers"],
)
async def test_files_come_as_spreadsheets_write_them(api: httpx.AsyncClient, file: bytes) -> None:
    plant = await commissioned(api)
    answer = await entered(api, plant, file)
    [site] = answer["results"]
    found = (await api.get(f"{plant.path}/sites/{site['site_id']}")).json()
    assert (found["name"], found["latitude"], found["longitude"]) == ("Plant", 31.52, 74.36)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"\n\n", 400),
        (b"site_name,latitude\n", 400),
        (b"site_name\n\xff\xff\xfe", 400),
        (b"latitude,longitude\n31,74\n", 422),
        (b"site_name,latitude,site\nA,31,B\n", 422),
        (b"site_name,flavour\nA,sweet\n", 422),
        (b"site_name\n" + b"A\n" * 5001, 413),
        (b'site_name\n"' + b"x" * 200_000 + b'"\n', 400),
        (b"site_name,latitude,longitude\nA\x00B,31,74\n", 422),
    ],
    ids=["empty", "blank", "headers alone", "not UTF-8", "no names", "twice", "unknown", "too many", "too long", "NUL"],
)
async def test_what_is_no_such_file_is_told_in_a_sentence(api: httpx.AsyncClient, body: bytes, status: int) -> None:
    plant = await commissioned(api)
    answer = await send(api, plant, body)
    assert answer.status_code == status, answer.text
    assert len(answer.json()["detail"]) > 20


@pytest.mark.parametrize("body", [b"{", b"{}", b"[1]", b"[]", b'{"rows": 1}', b"[" * 100_000, b'[{"latitude": NaN}]'])
async def test_json_that_is_no_list_of_rows_is_told_so(api: httpx.AsyncClient, body: bytes) -> None:
    plant = await commissioned(api)
    answer = await api.post(f"{plant.path}/imports/sites", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400, answer.text


async def test_formulas_stay_text_there_and_back(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    name = "=HYPERLINK(1)"
    await entered(api, plant, [{"site_name": name, "latitude": 31, "longitude": 74}])
    exported = await api.get(f"{plant.path}/sites/export", params={"format": "csv"})
    names = {row["name"] for row in csv.DictReader(io.StringIO(exported.content.decode("utf-8-sig")))}
    assert f"'{name}" in names
    again = await entered(api, plant, f"site_name,latitude,longitude\n'{name},31,74\n")
    assert counted(again, "sites") == (0, 1, 0)


async def test_the_template_enters_as_it_is(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    template = await api.get(f"{plant.path}/imports/sites/template")
    assert template.headers["content-type"] == "text/csv; charset=utf-8"
    answer = await entered(api, plant, template.content)
    assert (answer["errors"], counted(answer, "sites"), counted(answer, "devices")) == ([], (2, 0, 0), (2, 0, 0))


async def test_300_plants_with_a_device_and_a_customer_each_are_entered_in_seconds(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    rows = [
        {
            "site_name": f"Plant {number}",
            "latitude": 31 + number / 1000,
            "longitude": 74,
            "customer_name": f"Customer {number}",
            "customer_phone": f"+92 300 {number:07}",
            "device_name": "Inverter 1",
            "device_type": "inverter",
            "protocol": "http",
            "serial_number": f"S{number}",
        }
        for number in range(300)
    ]
    began = perf_counter()
    answer = await send(api, plant, rows, accept="application/x-ndjson")
    seconds = perf_counter() - began

    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["kind"] for line in lines] == ["progress"] * 13 + ["result"]
    assert [line["done"] for line in lines[:-1]] == list(range(0, 301, 25))
    assert [counted(lines[-1], what) for what in ("sites", "devices", "customers")] == [(300, 0, 0)] * 3
    links = {customer["link"] for site in lines[-1]["results"] for customer in site["customers"]}
    assert len(links) == 300
    assert seconds < 60, f"{seconds:.1f} s"


async def test_a_streamed_import_that_is_refused_says_so_in_its_last_line(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    answer = await send(api, plant, "site_name,latitude,longitude\nA,31,74\nB,x,74\n", accept="application/x-ndjson")
    last = json.loads(answer.text.splitlines()[-1])
    assert (answer.status_code, last["kind"], last["status"]) == (200, "problem", 422)
    assert last["errors"][0]["field"] == "lines[3].latitude"
    assert (await api.get(f"{plant.path}/sites")).json()["total"] == 1


async def test_links_for_customers_come_as_a_file(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    answer = await send(api, plant, TWO_PLANTS, accept="text/csv")
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(line["site_name"], line["customer_name"]) for line in lines] == [
        ("Gulberg roof", "Bilal Ahmed"),
        ("گلبرگ پلانٹ", "عائشہ خان"),
    ]
    assert all(line["link"].startswith("https://hub.example.org/invitation#shi_") for line in lines)


async def test_mails_go_out_only_when_they_are_asked_for(api: httpx.AsyncClient, database: TestDatabase) -> None:
    plant = await commissioned(api)
    await entered(api, plant, TWO_PLANTS)
    assert database.fetch("select 1 from notifications where event = 'site_grant.invitation'") == []
    await entered(
        api, plant, TWO_PLANTS.replace("roof", "hall").replace("V-1", "V-2").replace("T-1", "T-2"), mail="true"
    )
    [mail] = database.fetch("select recipient, content from notifications where event = 'site_grant.invitation'")
    assert mail["recipient"] == "bilal@example.com"
    assert "shi_" not in mail["content"], "the link stays sealed"


async def test_it_is_for_those_who_may_enter_plants_devices_and_customers(
    api: httpx.AsyncClient, people: People
) -> None:
    plant = await commissioned(api)
    for role, status in (("admin", 200), ("manager", 200), ("viewer", 403), ("installer", 403)):
        member = await people.member(plant.organization_id, role)
        answer = await send(member, plant, TWO_PLANTS, dry_run="true")
        assert answer.status_code == status, role
    guest = await people.guest(plant.site_id, "manager")
    assert (await send(guest, plant, TWO_PLANTS, dry_run="true")).status_code == 403
    assert (await send(await people.stranger(), plant, TWO_PLANTS)).status_code == 404
    assert (await send(people.anonymous(), plant, TWO_PLANTS)).status_code == 401
