"""Metrics that an organization adds, beside the standard ones."""

import pytest

from solarhub.metrics import CATALOGUE, Catalogue, Kind, Metric, NightPolicy, UnknownMetric, is_own_name, own_metric


def own(name: str = "x_pump_pressure", unit: str = "bar", **changed: float) -> Metric:
    limits = {"minimum": 0.0, "maximum": 16.0} | changed
    return own_metric(
        name=name,
        unit=unit,
        kind=Kind.GAUGE,
        night=NightPolicy.NOTHING,
        meaning="pressure behind the pump",
        minimum=limits["minimum"],
        maximum=limits["maximum"],
    )


@pytest.mark.parametrize("name", ["x_pump", "x_pump_2", "x_a", f"x_{'a' * 62}"])
def test_own_names_begin_with_x(name: str) -> None:
    assert is_own_name(name)


@pytest.mark.parametrize(
    "name", ["pump", "x_", "x_2", "x__a", "x_a_", "X_a", "x_A", "x_a b", "x_a:l1", "x_a\n", f"x_{'a' * 63}", *CATALOGUE]
)
def test_other_names_are_none_of_theirs(name: str) -> None:
    assert not is_own_name(name)
    with pytest.raises(ValueError, match="no name of an own metric"):
        own(name)


def test_a_catalogue_holds_the_standard_metrics_and_the_own_ones() -> None:
    mine = CATALOGUE.with_own([own()])

    assert set(mine) == {*CATALOGUE, "x_pump_pressure"}
    assert len(mine) == len(CATALOGUE) + 1
    assert mine["power_output"] is CATALOGUE["power_output"]
    assert mine.metric("x_pump_pressure").unit == "bar"
    assert mine.get("x_pump_pressure") is mine.by_name["x_pump_pressure"]
    assert mine.parse_series("x_pump_pressure:pump2") == (own(), "pump2")
    assert mine.get("x_other") is None
    assert "x_pump_pressure" not in CATALOGUE


def test_no_own_metric_takes_the_place_of_a_standard_one() -> None:
    false = Metric("power_output", "W", Kind.GAUGE, 0, 1, "", NightPolicy.HOLD, "")

    assert CATALOGUE.with_own([false], removed=[false])["power_output"].unit == "kW"


def test_what_was_removed_is_read_and_not_taken() -> None:
    mine = CATALOGUE.with_own([], removed=[own()])

    assert mine.get("x_pump_pressure") is None
    assert mine.readable("x_pump_pressure").unit == "bar"
    assert mine.parse_series("x_pump_pressure")[0].unit == "bar"
    assert mine.unit_of("x_pump_pressure") == "bar"
    with pytest.raises(UnknownMetric, match="was removed"):
        mine.metric("x_pump_pressure")


def test_what_nobody_here_knows_has_no_unit() -> None:
    assert CATALOGUE.unit_of("x_pump_pressure") == ""
    assert CATALOGUE.unit_of("frequency") == "Hz"
    with pytest.raises(UnknownMetric):
        CATALOGUE.readable("x_pump_pressure")


def test_an_own_name_is_offered_where_it_was_meant() -> None:
    with pytest.raises(UnknownMetric, match="did you mean x_pump_pressure"):
        CATALOGUE.with_own([own()]).metric("x_pump_presure")


def test_a_catalogue_is_a_mapping_like_any_other() -> None:
    mine = Catalogue([own()])

    assert list(mine.items()) == [("x_pump_pressure", own())]
    assert "x_pump_pressure" in mine
    with pytest.raises(KeyError):
        mine["power_output"]
