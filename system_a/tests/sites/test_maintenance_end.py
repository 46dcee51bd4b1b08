from datetime import UTC, datetime, timedelta

import pytest

from solarhub.kit.errors import Invalid
from solarhub.sites.maintenance_end import check_end

NOON = datetime(2026, 6, 21, 7, tzinfo=UTC)


@pytest.mark.parametrize("ahead", [timedelta(microseconds=1), timedelta(days=30), timedelta(days=366)], ids=str)
def test_maintenance_may_end_within_a_year(ahead: timedelta) -> None:
    check_end(NOON + ahead, at=NOON)


def test_maintenance_may_have_no_end() -> None:
    check_end(None, at=NOON)


@pytest.mark.parametrize("ahead", [timedelta(days=-1), timedelta(0), timedelta(days=366, microseconds=1)], ids=str)
def test_an_end_that_is_past_or_too_far_is_refused_with_what_was_sent(ahead: timedelta) -> None:
    with pytest.raises(Invalid) as refused:
        check_end(NOON + ahead, at=NOON)

    assert [(error.field, error.value) for error in refused.value.errors] == [("until", (NOON + ahead).isoformat())]
