from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from pydantic import ValidationError

from solarhub.kit.paging import COUNT_CEILING, ById, ByTime, Cursor, CursorListing, CursorPage, Listing, Page

ID = UUID("01a20000-0000-7000-8000-000000000001")
NOON = datetime(2024, 6, 21, 7, 0, 0, 123_456, tzinfo=UTC)


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


class _Newest(CursorPage[ByTime]):
    pass


class _Ids(CursorPage[ById]):
    pass


@pytest.mark.parametrize(
    "cursor",
    [
        Cursor(ID),
        Cursor(ID, NOON),
        Cursor(ID, datetime.min.replace(tzinfo=UTC)),
        Cursor(ID, datetime.max.replace(tzinfo=UTC)),
        Cursor(UUID(int=2**128 - 1), NOON),
    ],
    ids=["id", "time and id", "earliest", "latest", "last id"],
)
def test_a_cursor_survives_the_way_to_a_client_and_back(cursor: Cursor) -> None:
    assert Cursor.parse(str(cursor)) == cursor


def test_a_cursor_names_the_instant_whatever_zone_it_was_read_in() -> None:
    lahore = NOON.astimezone(timezone(timedelta(hours=5)))

    assert str(Cursor(ID, lahore)) == str(Cursor(ID, NOON))


@pytest.mark.parametrize(
    "text",
    ["", "x", "not a cursor", str(ID), str(Cursor(ID))[:-1], str(Cursor(ID)) + "=", "\N{KELVIN SIGN}" * 22, "f" * 32],
    ids=["empty", "short", "words", "an id", "cut off", "padded", "not ascii", "a time outside the calendar"],
)
def test_what_is_no_cursor_is_refused_with_a_sentence(text: str) -> None:
    for page in (_Newest, _Ids):
        with pytest.raises(ValidationError) as refused:
            page.model_validate({"cursor": text})
        [error] = refused.value.errors()
        assert (error["loc"], error["msg"]) == (("cursor",), "is no cursor of this list")


def test_a_cursor_of_another_kind_of_list_is_refused() -> None:
    assert _Newest.model_validate({"cursor": str(Cursor(ID, NOON))}).cursor == Cursor(ID, NOON)
    for page, cursor in ((_Newest, Cursor(ID)), (_Ids, Cursor(ID, NOON))):
        with pytest.raises(ValidationError):
            page.model_validate({"cursor": str(cursor)})


def test_a_cursor_and_an_offset_are_not_given_together() -> None:
    assert _Ids.model_validate({"cursor": str(Cursor(ID)), "offset": 0}).offset == 0
    with pytest.raises(ValidationError) as refused:
        _Ids.model_validate({"cursor": str(Cursor(ID)), "offset": 50})
    assert [error["loc"] for error in refused.value.errors()] == [("cursor",)]


def test_a_page_names_its_next_one_while_there_are_rows_beyond_it() -> None:
    page = _Ids(limit=2)
    ids = [UUID(int=number) for number in range(3)]

    more = CursorListing[int].up_to(ids, 3, page, show=int, place=Cursor)
    last = CursorListing[int].up_to(ids[:2], 3, page, show=int, place=Cursor)
    assert page.row_limit == 3
    assert (more.items, more.total, more.next_cursor) == ([0, 1], 3, str(Cursor(ids[1])))
    assert (last.items, last.next_cursor) == ([0, 1], None)
