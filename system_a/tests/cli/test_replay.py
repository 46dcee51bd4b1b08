"""`solarhub replay` as a person calls it, against a server that notes what arrives."""

import asyncio
import json
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from solarhub.demo.plants import PLANTS
from tests.demo.faulty_hub import Fault, faulty_hub

TOKENS = {device.name: device.name.lower().replace(" ", "-") for device in PLANTS["pecos"].devices}


async def solarhub_replay(*arguments: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "solarhub", "replay", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complaints = await process.communicate()
    return process.returncode, said.decode(), complaints.decode()


@pytest.fixture
def tokens(tmp_path: Path) -> Path:
    path = tmp_path / "tokens.json"
    path.write_text(json.dumps(TOKENS))
    return path


async def test_every_sample_arrives_and_stands_in_the_ledger_once_it_is_acknowledged(
    tokens: Path, tmp_path: Path
) -> None:
    ledger = tmp_path / "ledger"
    async with faulty_hub(iter([Fault.BUSY, Fault.HANGS_UP_AFTER_STORING])) as hub:
        arguments = ("pecos", "--url", hub.url, "--speed", "1e9", "--tokens", str(tokens), "--ledger", str(ledger))
        code, said, complaints = await solarhub_replay(*arguments)

    assert (code, complaints) == (0, "")
    assert "4,053 of 4,053 samples acknowledged" in said
    booked: dict[str, list[str]] = defaultdict(list)
    for line in map(json.loads, ledger.read_text().splitlines()):
        booked[TOKENS[line["device"]]] += [at.replace("+00:00", "Z") for at in line["at"]]
    assert booked == hub.arrivals
    assert {token: len(instants) for token, instants in booked.items()} == dict.fromkeys(TOKENS.values(), 1351)


async def test_a_part_of_the_day_is_named_by_the_plants_own_clock(tokens: Path) -> None:
    async with faulty_hub(iter(())) as hub:
        await solarhub_replay(
            *("pecos", "--url", hub.url, "--speed", "1e9", "--tokens", str(tokens)),
            *("--from", "2015-11-11T12:00", "--until", "2015-11-11T12:09"),
        )
    instants = hub.arrivals["inverter-1"]
    assert [at[10:] for at in (instants[0], instants[-1])] == ["T19:00:00Z", "T19:09:00Z"]
    assert len(instants) == 10


async def test_what_the_hub_refuses_ends_with_its_sentence(tokens: Path) -> None:
    async with faulty_hub(iter([Fault.REFUSES] * 3)) as hub:
        code, _, complaints = await solarhub_replay("pecos", "--url", hub.url, "--tokens", str(tokens))
    assert code == 1
    assert "POST /api/v1/telemetry was answered 401: The sender is not known here." in complaints


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("atlantis",), "is none of pecos"),
        (("pecos",), "--create enters them"),
        (("pecos", "--tokens", "/dev/null"), "cannot be used"),
        (("pecos", "--create"), "solarhub tokens issue -o ORGANIZATION --may organization:read"),
        (
            ("pecos", "--create", "--api-key", "shk_", "--from", "2016-01-01T00:00"),
            "2015-11-11T00:00 until 2015-11-11T22:30",
        ),
    ],
)
async def test_a_mistake_in_the_command_is_explained(arguments: tuple[str, ...], sentence: str) -> None:
    code, _, complaints = await solarhub_replay(*arguments)
    assert code == 2
    assert sentence in complaints
