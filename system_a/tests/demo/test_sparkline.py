"""A curve in one line."""

from datetime import UTC, datetime, timedelta

from solarhub.demo.sparkline import ASCII, sparkline

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def drawn(values: list[float], *, full: float = 8.0, width: int | None = None) -> str:
    points = [(NOON + timedelta(minutes=minute), value) for minute, value in enumerate(values)]
    end = NOON + timedelta(minutes=width or len(values))
    return sparkline(points, first=NOON, last=end, full=full, width=width or len(values))


def test_each_column_is_as_high_as_its_share_of_full() -> None:
    assert drawn([0, 1, 2, 3, 4, 5, 6, 7, 8]) == " ▁▂▃▄▅▆▇█"


def test_what_is_below_zero_is_nothing_and_what_exceeds_full_is_full() -> None:
    assert drawn([-0.004, 9.5]) == " █"


def test_a_little_is_not_nothing() -> None:
    assert drawn([0.01]) == "▁"


def test_a_column_shows_the_mean_of_its_span_and_the_future_is_blank() -> None:
    points = [(NOON + timedelta(minutes=minute), value) for minute, value in enumerate([0, 8, 4, 4])]
    line = sparkline(points, first=NOON, last=NOON + timedelta(minutes=6), full=8, width=3)
    assert line == "▄▄ "


def test_the_last_instant_belongs_to_the_last_column_and_one_instant_alone_is_drawn() -> None:
    assert sparkline([(NOON, 8.0)], first=NOON, last=NOON, full=8, width=4) == "█   "
    assert sparkline([(NOON, 8.0)], first=NOON - timedelta(minutes=4), last=NOON, full=8, width=4) == "   █"


def test_a_terminal_without_blocks_gets_plain_characters() -> None:
    assert sparkline([(NOON, 4.0)], first=NOON, last=NOON, full=8, width=1, levels=ASCII) == "="
