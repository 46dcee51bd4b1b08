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


@pytest.mark.parametrize("language", list(Language))
def test_every_month_has_a_name_of_its_own(language: Language) -> None:
    assert len({day_and_month(language, date(2026, month, 1)) for month in range(1, 13)}) == 12
