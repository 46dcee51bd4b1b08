from datetime import UTC, datetime, timedelta

import pytest

from solarhub.kit.errors import Invalid
from solarhub.sites.ends import Reach, check_end

NOON = datetime(2026, 6, 21, 7, tzinfo=UTC)
A_MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize("ahead", [A_MOMENT, timedelta(days=30), timedelta(days=366)], ids=str)
def test_maintenance_may_end_within_a_year(ahead: timedelta) -> None:
    check_end("until", NOON + ahead, Reach.A_YEAR, at=NOON)


def test_a_grant_may_end_in_fifty_years_or_never() -> None:
    check_end("expires_at", NOON + timedelta(days=18_000), Reach.FIFTY_YEARS, at=NOON)
    check_end("expires_at", None, Reach.FIFTY_YEARS, at=NOON)


@pytest.mark.parametrize("ahead", [timedelta(days=-1), timedelta(0), timedelta(days=366) + A_MOMENT], ids=str)
def test_an_end_that_is_past_or_too_far_is_refused_with_what_was_sent_and_what_may_be(ahead: timedelta) -> None:
    with pytest.raises(Invalid) as refused:
        check_end("until", NOON + ahead, Reach.A_YEAR, at=NOON)

    [error] = refused.value.errors
    assert (error.field, error.value) == ("until", (NOON + ahead).isoformat())
    assert error.allowed == "a time after now and at most a year ahead, or null"
