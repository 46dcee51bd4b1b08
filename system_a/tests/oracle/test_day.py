"""What the oracle says of the recorded day, where a look into the file is enough to know it."""

import ast
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from tests.oracle.day import expected_of_day
from tests.oracle.judge import ExpectedAlert
from tests.oracle.measurements import demo_rules, measurements


@cache
def expected() -> list[ExpectedAlert]:
    return expected_of_day(demo_rules())


def of_rule(name: str) -> list[ExpectedAlert]:
    return [alert for alert in expected() if alert.rule == name]


def test_the_cloud_edge_lifts_the_irradiance_over_1200_twice() -> None:
    first, second = of_rule("Cloud edge: more light than full sun")
    assert (first.triggered_at, first.resolved_at) == (
        datetime(2015, 11, 11, 17, 44, tzinfo=UTC),
        datetime(2015, 11, 11, 17, 47, tzinfo=UTC),
    )
    assert second.triggered_at == datetime(2015, 11, 11, 17, 48, tzinfo=UTC)
    assert first.value == 1256.276


def test_at_the_plants_scale_the_example_fires_at_night_and_never_by_daylight() -> None:
    always = of_rule("Under a tenth of its rating, day and night")
    assert [alert.triggered_at.hour for alert in always if alert.device == "Inverter 1"] == [7, 14, 23]
    assert of_rule("Under a tenth of its rating, by daylight") == []


def test_what_must_never_fire_does_not() -> None:
    assert of_rule("Grid frequency low") == []


def test_the_cooldown_holds_back_most_of_the_gusts() -> None:
    gusty = next(rule for rule in demo_rules() if rule["name"] == "Gale at the plant")
    assert len(of_rule(gusty["name"])) == 9
    assert len(expected_of_day([gusty | {"cooldown_minutes": 0}])) == 27


def test_the_day_is_whole_and_may_be_moved() -> None:
    assert all(len(frame) == 1351 and not frame.isna().any(axis=None) for frame in measurements().values())
    moved = expected_of_day(demo_rules(), days=365)
    assert moved[0].triggered_at.date().isoformat() == "2016-11-10"


def test_the_oracle_shares_no_code_with_the_hub() -> None:
    own = [path for path in Path(__file__).parent.glob("*.py") if not path.name.startswith("test_")]
    assert len(own) > 3
    for path in own:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.split(".")[0] == "solarhub" for name in names), path.name
