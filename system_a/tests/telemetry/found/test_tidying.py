"""Kept messages end by age and by size, and small bundles become large ones."""

from datetime import timedelta

from solarhub.kit.clock import now
from solarhub.kit.db import transaction
from solarhub.telemetry.found.bundle import unpack
from solarhub.telemetry.found.notebook import Notebook
from solarhub.telemetry.found.tidying import KEPT, REMEMBERED, tidy
from tests.telemetry.found.conftest import Place, burst, yesterday


async def tidied(place: Place, **limits: int) -> None:
    async with transaction(place.worker) as worker:
        await tidy(worker, now(), **limits)  # type: ignore[arg-type]  # one of them is a number of bytes


async def test_messages_end_by_age(place: Place, notebook: Notebook) -> None:
    await place.note(notebook, *burst(now() - KEPT - timedelta(hours=1)))
    await place.note(notebook, *burst(yesterday()))

    await tidied(place)

    assert [row["messages"] for row in place.rows("select messages from raw_messages")] == [4]


async def test_of_one_who_says_too_much_the_oldest_goes_first(place: Place, notebook: Notebook) -> None:
    for number in range(3):
        await place.note(notebook, *burst(yesterday() + timedelta(minutes=number)))
    size = place.rows("select length(body) as size from raw_messages order by last_at")[-1]["size"]

    await tidied(place, kept_bytes=int(1.5 * size))

    [row] = place.rows("select first_at from raw_messages")
    assert row["first_at"] == yesterday() + timedelta(minutes=2)


async def test_one_who_waits_in_silence_is_forgotten_and_one_who_was_adopted_is_not(
    place: Place, notebook: Notebook
) -> None:
    await place.note(notebook, *burst(yesterday()))
    place.adopt()
    place.rows(f"update found_senders set last_seen_at = now() - interval '{REMEMBERED.days + 1} days'")
    place.rows(
        "insert into found_senders (organization_id, broker_key, sender, dialect, mapping_version, first_seen_at,"
        " last_seen_at, messages) select organization_id, broker_key, 'other', '', 0, first_seen_at, last_seen_at, 1"
        " from found_senders"
    )

    await tidied(place)

    assert [row["device_id"] is not None for row in place.rows("select device_id from found_senders")] == [True]


async def test_many_small_bundles_become_one_with_the_same_messages(place: Place, notebook: Notebook) -> None:
    await place.note(notebook, *burst(yesterday()))
    [first] = place.rows("select * from raw_messages")
    place.rows(
        "insert into raw_messages (organization_id, sender_id, first_at, last_at, messages, dialect, mapping_version,"
        " instants, body) select organization_id, sender_id, first_at + n * interval '1 minute',"
        " last_at + n * interval '1 minute', messages, dialect, mapping_version,"
        " case when n > 30 then array[n]::bigint[] end, body from raw_messages, generate_series(1, 60) as n"
    )

    await tidied(place)

    waiting, stored = place.rows("select * from raw_messages order by last_at")
    assert (waiting["messages"], waiting["instants"]) == (31 * 4, None)
    assert (stored["messages"], stored["instants"]) == (30 * 4, list(range(31, 61)))
    assert unpack(waiting["body"]) == unpack(first["body"]) * 31
