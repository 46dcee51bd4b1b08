import pytest
from pydantic import ValidationError

from solarhub.kit.paging import COUNT_CEILING, Listing, Page


def test_a_page_has_50_rows_unless_asked_otherwise() -> None:
    assert (Page().limit, Page().offset) == (50, 0)


@pytest.mark.parametrize("asked", [{"limit": 0}, {"limit": 501}, {"offset": -1}, {"offset": 2**31}, {"total": "all"}])
def test_an_impossible_page_is_refused(asked: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Page.model_validate(asked)


def test_a_total_is_exact_up_to_the_ceiling_and_a_lower_bound_beyond_it() -> None:
    page = Page(limit=2)

    assert page.count_limit == COUNT_CEILING + 1
    at_the_ceiling = Listing.of(["a", "b"], COUNT_CEILING, page)
    beyond = Listing.of(["a", "b"], COUNT_CEILING + 1, page)
    assert (at_the_ceiling.total, at_the_ceiling.total_is_exact) == (COUNT_CEILING, True)
    assert (beyond.total, beyond.total_is_exact) == (COUNT_CEILING, False)


def test_an_exact_total_is_counted_without_a_limit_for_those_who_ask() -> None:
    page = Page(total="exact")

    assert page.count_limit is None
    assert Listing.of([1], 1_000_000, page).model_dump() == {
        "items": [1],
        "total": 1_000_000,
        "total_is_exact": True,
        "limit": 50,
        "offset": 0,
    }
