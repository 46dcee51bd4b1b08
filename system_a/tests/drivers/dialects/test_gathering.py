"""Values of a burst become one sample: by the times at which they came, and by nothing else."""

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from solarhub.drivers.dialects import Gathered, Gatherer, Told
from tests.drivers.dialects.reading import AT, seconds


def value(series: str, number: float = 1.0, at: datetime | None = None) -> Told:
    return Told("s", "opendtu", 1, at, {series: number}, scattered=True)


def told_of(found: list[Gathered]) -> list[dict[str, object]]:
    return [dict(each.told.readings) for each in found]


def test_values_that_come_together_are_one_sample() -> None:
    gatherer = Gatherer()
    for number, series in enumerate(["power_output", "voltage_ac", "frequency"]):
        assert gatherer.add("s", value(series), seconds(number * 0.1), series) == []

    (sample,) = gatherer.due(seconds(0.8))

    assert sample.told.readings == {"power_output": 1.0, "voltage_ac": 1.0, "frequency": 1.0}
    assert (sample.received_at, sample.tickets) == (AT, ["power_output", "voltage_ac", "frequency"])
    assert not sample.told.scattered


def test_a_burst_ends_half_a_second_after_its_last_value() -> None:
    gatherer = Gatherer()
    gatherer.add("s", value("power_output"), AT, 1)

    assert gatherer.due(seconds(0.499)) == []
    assert told_of(gatherer.due(seconds(0.5))) == [{"power_output": 1.0}]


def test_a_burst_that_does_not_end_ends_after_two_seconds() -> None:
    gatherer = Gatherer()
    ended = [
        each
        for step in range(6)
        for each in gatherer.add("s", value(f"power_dc:mppt{step}"), seconds(step * 0.4), step)
    ]

    assert [len(each.told.readings) for each in ended] == [5]
    assert gatherer.next_due() == seconds(2.0 + 0.5)


def test_a_series_that_comes_again_begins_the_next_sample() -> None:
    gatherer = Gatherer()
    gatherer.add("s", value("power_output", 1), AT, 1)

    assert told_of(gatherer.add("s", value("power_output", 2), seconds(0.1), 2)) == [{"power_output": 1}]
    assert told_of(gatherer.close_all()) == [{"power_output": 2}]


def test_a_time_that_comes_first_is_that_of_the_values_after_it() -> None:
    gatherer = Gatherer()
    gatherer.add("s", Told("s", "opendtu", 1, seconds(-3), {}, scattered=True), AT, 1)
    gatherer.add("s", value("power_output"), seconds(0.1), 2)

    (sample,) = gatherer.close_all()

    assert (sample.told.at, sample.tickets) == (seconds(-3), [1, 2])


def test_a_time_that_comes_again_begins_the_next_sample() -> None:
    gatherer, ended = Gatherer(), list[Gathered]()
    for second in (0.0, 0.1):
        ended = gatherer.add(
            "s", Told("s", "opendtu", 1, seconds(-3 + second), {}, scattered=True), seconds(second), second
        )

    assert [each.told.at for each in ended] == [seconds(-3)]


def test_values_of_two_times_are_two_samples() -> None:
    gatherer = Gatherer()
    gatherer.add("s", value("power_output", at=seconds(-9)), AT, 1)

    assert told_of(gatherer.add("s", value("voltage_ac", at=seconds(-5)), AT, 2)) == [{"power_output": 1.0}]


def test_senders_do_not_wait_for_each_other() -> None:
    gatherer = Gatherer()
    gatherer.add("a", value("power_output"), AT, 1)
    gatherer.add("b", value("power_output"), seconds(0.3), 2)

    assert [each.key for each in gatherer.due(seconds(0.6))] == ["a"]
    assert gatherer.next_due() == seconds(0.8)


@given(st.lists(st.tuples(st.integers(0, 900), st.sampled_from("ab"), st.integers(0, 4)), max_size=60))
def test_no_value_and_no_ticket_is_lost_or_told_twice(steps: list[tuple[int, str, int]]) -> None:
    gatherer, at, found = Gatherer(), AT, list[Gathered]()
    for ticket, (pause, key, series) in enumerate(steps):
        at = seconds((at - AT).total_seconds() + pause / 1000)
        found += gatherer.add(key, value(f"power_dc:mppt{series}", ticket), at, ticket)
    found += gatherer.close_all()

    tickets = [ticket for each in found for ticket in each.tickets]
    assert sorted(tickets) == list(range(len(steps)))
    assert {number for each in found for number in each.told.readings.values()} == set(tickets)
    assert len(gatherer) == 0


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 4)), max_size=60))
def test_asking_in_between_changes_nothing(steps: list[tuple[int, int]]) -> None:
    often, seldom, at = Gatherer(), Gatherer(), AT
    found: dict[str, list[Gathered]] = {"often": [], "seldom": []}
    for ticket, (pause, series) in enumerate(steps):
        for part in range(3):
            found["often"] += often.due(seconds((at - AT).total_seconds() + part * pause / 3000))
        at = seconds((at - AT).total_seconds() + pause / 1000)
        told = value(f"power_dc:mppt{series}", ticket)
        found["often"] += often.add("s", told, at, ticket)
        found["seldom"] += seldom.add("s", told, at, ticket)

    assert [each.tickets for each in found["often"] + often.close_all()] == [
        each.tickets for each in found["seldom"] + seldom.close_all()
    ]
