"""From the samples of a batch to its rows, without a database."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from solarhub.devices.identity import KnownDevice
from solarhub.telemetry.compose import Arrival, Refusal, Row, Standing, candidates, heard, row, standings_after
from solarhub.telemetry.layout import Layout
from solarhub.telemetry.sample import Quarantined, Sample
from solarhub.telemetry.vocabulary import Reason

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
RECEIVED = NOON + timedelta(hours=1)
MINUTES = st.integers(0, 20)


def device(key: int) -> KnownDevice:
    return KnownDevice(UUID(int=key), UUID(int=99), 9, key)


def arrival(key: int, minute: int, **readings: float) -> Arrival:
    return Arrival(device(key), Sample(0, NOON + timedelta(minutes=minute), dict(readings) or {"power_output": 1.0}))


def compose(arrivals: list[Arrival], standings: dict[int, Standing]) -> list[Row]:
    layouts: dict[tuple[int, tuple[str, ...]], Layout] = {}
    found = list(candidates(arrivals, standings))
    for each in found:
        layouts.setdefault(each.layout_key, Layout.of(len(layouts) + 1, each.series))
    return [row(each, layouts[each.layout_key], RECEIVED) for each in found]


@given(st.lists(st.tuples(st.integers(1, 3), MINUTES), max_size=30), st.dictionaries(st.integers(1, 3), MINUTES))
def test_each_instant_becomes_one_row_and_is_late_when_an_earlier_commit_was_there(
    sent: list[tuple[int, int]], newest: dict[int, int]
) -> None:
    arrivals = sorted(
        (arrival(key, minute, power_output=float(n)) for n, (key, minute) in enumerate(sent)),
        key=lambda each: (each.device.device_key, each.sample.at),
    )
    before = {key: NOON + timedelta(minutes=minute) for key, minute in newest.items()}
    rows = compose(arrivals, {key: Standing(before.get(key), None) for key in (1, 2, 3)})

    assert [(r.told.device_key, r.told.at) for r in rows] == sorted(
        {(key, NOON + timedelta(minutes=minute)) for key, minute in sent}
    )
    for each in rows:
        first = next(
            n
            for n, (key, m) in enumerate(sent)
            if arrival(key, m)[1].at == each.told.at and key == each.told.device_key
        )
        assert list(each.told.readings) == [float(first)]
        assert each.told.newest_before == before.get(each.told.device_key)
        assert each.told.late == (each.told.device_key in before and each.told.at <= before[each.told.device_key])
        assert arrivals[each.arrival].sample.at == each.told.at
    for key, standing in standings_after(rows).items():
        assert (
            standing.newest == max(r.told.at for r in rows if r.told.device_key == key)
            or standing.newest == before[key]
        )
        assert standing.newest is not None
        assert standing.newest >= before.get(key, standing.newest)


def test_latest_values_are_gathered_from_the_newest_row_that_has_each() -> None:
    arrivals = [
        arrival(1, 1, power_output=1.0, humidity=40.0),
        arrival(1, 2, power_output=2.0, frequency=50.0),
        arrival(1, 3, power_output=3.0),
    ]
    (told,) = heard(arrivals, [], compose(arrivals, {1: Standing(None, None)}))

    assert told.newest == NOON + timedelta(minutes=3)
    assert told.latest == {
        "power_output": {"at": "2026-06-01T12:03:00.000000Z", "value": 3.0},
        "frequency": {"at": "2026-06-01T12:02:00.000000Z", "value": 50.0},
        "humidity": {"at": "2026-06-01T12:01:00.000000Z", "value": 40.0},
    }


def test_who_sent_nothing_new_or_nothing_good_was_heard_all_the_same() -> None:
    entry = Quarantined(0, None, None, Reason.NO_METRICS, "", "{}")
    told = heard([arrival(1, 1)], [Refusal(device(2), entry)], [])

    assert [(each.device.device_key, each.newest, each.latest) for each in told] == [(1, None, {}), (2, None, {})]
