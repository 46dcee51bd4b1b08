from datetime import UTC, timedelta

from solarhub.kit.clock import now


def test_now_knows_that_it_is_in_utc() -> None:
    first, second = now(), now()

    assert first.tzinfo is UTC
    assert timedelta(0) <= second - first < timedelta(seconds=5)
