"""What each rule raised, with its daylight twin beside it."""

from solarhub.demo.plants import PLANTS
from solarhub.demo.rules import rules_of
from solarhub.demo.scoreboard import Line, scoreboard


def test_a_rule_and_its_daylight_twin_share_a_line_and_others_stand_alone() -> None:
    counts = {
        "Under a tenth of its rating, day and night": 6,
        "Cloud over the plant": 4,
        "Gale at the plant": 9,
    }
    lines = scoreboard(rules_of(PLANTS["pecos"]), lambda name: counts.get(name, 0))
    assert len(lines) == 9
    assert lines[0] == Line("The document's example", 0, 0)
    assert lines[1] == Line("Under a tenth of its rating", 6, 0)
    assert Line("Cloud over the plant", None, 4) in lines
    assert Line("Gale at the plant", 9, None) in lines
