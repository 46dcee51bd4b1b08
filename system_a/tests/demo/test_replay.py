"""Whatever a hub and a network do, a device's samples arrive, in order, and it knows which were acknowledged."""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import repeat
from pathlib import Path

import httpx
import pytest

from solarhub.demo.ledger import Ledger
from solarhub.demo.plant import PlantSample
from solarhub.demo.replay import Acknowledged, Refused, replay
from tests.demo.faulty_hub import Fault, FaultyHub, faulty_hub

START = datetime(2026, 3, 1, tzinfo=UTC)
TOKENS = {"Inverter 1": "one", "Inverter 2": "two"}
SAMPLES = [
    PlantSample(START + timedelta(minutes=minute), device, {"power_output": minute / 100})
    for minute in range(200)
    for device in TOKENS
]
AT_ONCE = 1e12


async def send(
    hub: FaultyHub, samples: Sequence[PlantSample] = SAMPLES, *, speed: float = AT_ONCE, ledger: Path | None = None
) -> tuple[list[Acknowledged], list[str]]:
    """Every answer in order, and what made devices wait."""
    answers: list[Acknowledged] = []
    reasons: list[str] = []
    async with httpx.AsyncClient(base_url=hub.url) as client:
        with Ledger(ledger or Path("/dev/null")) as book:

            def note(answer: Acknowledged) -> None:
                answers.append(answer)
                book.record(answer)

            await replay(
                samples,
                client=client,
                tokens=TOKENS,
                speed=speed,
                on_acknowledged=note,
                on_waiting=lambda _device, reason: reasons.append(reason),
            )
    return answers, reasons


def seeded_faults(seed: int) -> Iterator[Fault]:
    """Half of all requests fail, one way or another."""
    choice = random.Random(seed)
    kinds = [fault for fault in Fault if fault not in {Fault.NONE, Fault.REFUSES}]
    while True:
        yield choice.choice([*kinds, *repeat(Fault.NONE, len(kinds))])


@pytest.mark.parametrize("seed", range(3))
async def test_nothing_is_lost_and_order_is_kept_on_a_hub_that_fails_every_other_time(
    seed: int, tmp_path: Path
) -> None:
    samples = SAMPLES[:40]
    async with faulty_hub(seeded_faults(seed)) as hub:
        answers, reasons = await send(hub, samples, speed=20_000, ledger=tmp_path / "ledger")

    expected = [(START + timedelta(minutes=minute)).isoformat().replace("+00:00", "Z") for minute in range(20)]
    assert hub.arrivals == {"one": expected, "two": expected}
    assert sum(len(answer.samples) for answer in answers) == len(samples)
    assert reasons
    booked: dict[str, list[str]] = defaultdict(list)
    for line in map(json.loads, (tmp_path / "ledger").read_text().splitlines()):
        booked[TOKENS[line["device"]]] += line["at"]
    assert {token: [at.replace("+00:00", "Z") for at in instants] for token, instants in booked.items()} == hub.arrivals
    assert hub.acknowledged == {token: set(instants) for token, instants in hub.arrivals.items()}


async def test_a_request_whose_answer_was_lost_is_sent_again_and_counted_as_duplicate() -> None:
    async with faulty_hub(iter([Fault.HANGS_UP_AFTER_STORING])) as hub:
        answers, _ = await send(hub, SAMPLES[:1])
    assert [(answer.stored, answer.duplicates) for answer in answers] == [(0, 1)]


async def test_devices_that_keep_up_send_each_sample_by_itself_when_it_is_due() -> None:
    async with faulty_hub(iter(())) as hub:
        began = asyncio.get_running_loop().time()
        answers, _ = await send(hub, SAMPLES[:20], speed=1200)
        lasted = asyncio.get_running_loop().time() - began
    assert hub.requests == len(answers) == 20
    assert lasted == pytest.approx(9 * 60 / 1200, abs=0.3)


async def test_what_is_overdue_goes_out_in_batches() -> None:
    async with faulty_hub(iter(())) as hub:
        await send(hub)
    assert hub.largest_batch == 200
    assert hub.requests <= 4


async def test_a_hub_that_is_not_there_yet_is_waited_for() -> None:
    async with faulty_hub(iter(())) as hub:
        absent = FaultyHub(iter(()))
        absent.url = hub.url
    sending = asyncio.create_task(send(absent, SAMPLES[:4]))
    await asyncio.sleep(0.3)
    assert not sending.done()
    server = await asyncio.start_server(absent.serve, "127.0.0.1", int(absent.url.rpartition(":")[2]))
    answers, reasons = await sending
    server.close()
    assert sum(len(answer.samples) for answer in answers) == 4
    assert len(reasons) == 2


async def test_a_device_that_is_unknown_to_the_hub_stops_with_its_sentence() -> None:
    async with faulty_hub(repeat(Fault.REFUSES)) as hub:
        with pytest.raises(Refused, match="401: The sender is not known here"):
            await send(hub, SAMPLES[:2])
