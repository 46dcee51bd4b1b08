import pytest

from solarhub.fleet.vocabulary import View
from solarhub.pages.views import view_of


@pytest.mark.parametrize(
    ("asked", "own", "shown"),
    [
        (None, "overview", View.OVERVIEW),
        (None, "attention", View.ATTENTION),
        ("overview", "attention", View.OVERVIEW),
        ("attention", "overview", View.ATTENTION),
        ("a_view_of_another_client", "attention", View.OVERVIEW),
        (None, "a_view_of_another_client", View.OVERVIEW),
        ("", "attention", View.OVERVIEW),
    ],
)
def test_the_view_that_was_asked_for_comes_before_the_own_one(asked: str | None, own: str, shown: View) -> None:
    assert view_of(asked, own) is shown
