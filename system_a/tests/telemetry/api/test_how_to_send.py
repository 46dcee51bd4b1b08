"""The recipe for senders over HTTP, word for word: what stands there is sent, and answered as it says."""

import gzip
import json
from datetime import timedelta

from solarhub.devices import senders
from tests.conftest import TestDatabase
from tests.house.tree import ROOT
from tests.telemetry.api.test_how_to import blocks
from tests.telemetry.conftest import Door, recently, stored

PAGE = ROOT / "docs" / "how-to" / "send-over-http.md"
LINES = {"Content-Type": "application/x-ndjson"}


def filled(block: str, number: int) -> bytes:
    """With times of a day ago where the page has words, each block later than the one before."""
    at = recently() + timedelta(minutes=10 * number)
    epoch_ms = int(1000 * (at + timedelta(minutes=1)).timestamp())
    return (
        block.replace("EPOCH_MS", str(epoch_ms))
        .replace("EPOCH", str(int(at.timestamp())))
        .replace("NOW", at.isoformat())
        .encode()
    )


async def test_every_body_of_the_page_is_taken_as_it_stands(door: Door, database: TestDatabase) -> None:
    database.fetch(
        "insert into devices (site_id, organization_id, name, device_type, protocol, gateway_id)"
        " select site_id, organization_id, 'Inverter 2', 'inverter', 'http', id from devices"
    )
    senders.forget_all()
    one, many, of_gateway = (filled(block, number) for number, block in enumerate(blocks(PAGE, "json")))
    (lines,) = (filled(block, 3) for block in blocks(PAGE, "ndjson"))
    (answer,) = (json.loads(block) for block in blocks(PAGE, "answer"))

    assert (await door.post(one)).json() == answer | {"stored": 1}
    assert (await door.post(many)).json() == answer
    assert (await door.post(of_gateway)).json() == answer | {"stored": 1}
    assert (await door.post(lines, **LINES)).json() == answer
    packed = await door.post(gzip.compress(many), **{"Content-Encoding": "gzip"})
    assert packed.json() == answer | {"stored": 0, "duplicates": 2}
    readings = [row[3] for row in stored(database)]
    assert {"power_output": 2.9, "voltage_dc:string1": 380.1, "voltage_dc:string2": 379.4} in readings
    assert len(readings) == 6
