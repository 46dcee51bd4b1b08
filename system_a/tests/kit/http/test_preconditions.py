import pytest
from fastapi import FastAPI

from solarhub.kit.errors import PreconditionRequired, Stale, Unreadable
from solarhub.kit.http import IfMatch, install, parse_if_match
from tests.calling import client_of


@pytest.mark.parametrize("header", ['"3"', ' "3" ', "3", '"2", "3"', '"2","3"', "*"])
def test_a_header_that_names_the_present_version_lets_the_edit_pass(header: str) -> None:
    parse_if_match(header).check(3)


@pytest.mark.parametrize("header", ['"2"', "2", '"2", "4"', '"33"', '""'])
def test_a_header_that_names_another_version_is_stale(header: str) -> None:
    with pytest.raises(Stale):
        parse_if_match(header).check(3)


def test_a_weak_tag_matches_nothing() -> None:
    with pytest.raises(Stale):
        parse_if_match('W/"3"').check(3)


@pytest.mark.parametrize("header", [None, "", "  "])
def test_an_edit_that_names_no_version_is_asked_for_one(header: str | None) -> None:
    with pytest.raises(PreconditionRequired):
        parse_if_match(header)


@pytest.mark.parametrize("header", ["three", '"3', '"3" "4"', '"3",', 'w/"3"', '"a"b"', "*,*"])
def test_a_header_that_is_no_list_of_tags_is_unreadable(header: str) -> None:
    with pytest.raises(Unreadable):
        parse_if_match(header)


async def test_a_stale_edit_is_told_both_versions() -> None:
    app = FastAPI()
    install(app)

    @app.patch("/")
    async def edit(expected: IfMatch) -> None:
        expected.check(7)

    async with client_of(app) as client:
        stale = await client.patch("/", headers={"If-Match": '"5"'})
        missing = await client.patch("/")
        several = await client.patch("/", headers=[("If-Match", '"5"'), ("If-Match", '"7"')])
    assert (stale.status_code, stale.json()["expected"], stale.json()["current"]) == (412, ["5"], 7)
    assert missing.status_code == 428
    assert several.status_code == 200
