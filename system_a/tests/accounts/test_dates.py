from datetime import UTC, date, datetime

import pytest

from solarhub.accounts.dates import day_and_month
from solarhub.accounts.vocabulary import Language


@pytest.mark.parametrize(
    ("language", "said"), [(Language.ENGLISH, "1 February"), (Language.URDU, "1 فروری")], ids=["en", "ur"]
)
def test_a_day_is_told_in_the_persons_language(language: Language, said: str) -> None:
    assert day_and_month(language, date(2026, 2, 1)) == said
    assert day_and_month(language, datetime(2026, 2, 1, 23, 59, tzinfo=UTC)) == said


@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize("language", list(Language))
def test_every_month_has_a_name_of_its_own(language: Language, *, short: bool) -> None:
    assert len({day_and_month(language, date(2026, month, 1), short=short) for month in range(1, 13)}) == 12


def test_where_room_is_scarce_english_cuts_the_month_and_urdu_does_not() -> None:
    assert day_and_month(Language.ENGLISH, date(2026, 9, 30), short=True) == "30 Sep"
    assert day_and_month(Language.URDU, date(2026, 9, 30), short=True) == "30 ستمبر"
