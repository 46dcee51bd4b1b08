import pytest

from solarhub.accounts.vocabulary import Language
from solarhub.pages.languages import language_of

EN, UR = Language.ENGLISH, Language.URDU


@pytest.mark.parametrize(
    ("asked", "own", "accepted", "language"),
    [
        (None, None, None, EN),
        ("ur", EN, "en", UR),
        ("fr", UR, "en", UR),
        (None, EN, "ur", EN),
        (None, None, "ur-PK,ur;q=0.9,en;q=0.8", UR),
        (None, None, "de,en;q=0.5,ur;q=0.7", UR),
        (None, None, "en-GB,ur", EN),
        (None, None, "ur;q=0", EN),
        (None, None, "ur;q=much, fr", EN),
        (None, None, "*", EN),
        ("", None, "," * 10_000, EN),
    ],
)
def test_a_page_is_drawn_in_the_language_that_was_asked_for_or_is_preferred(
    asked: str | None, own: Language | None, accepted: str | None, language: Language
) -> None:
    assert language_of(asked, own, accepted) is language
