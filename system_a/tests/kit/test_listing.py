"""Pages, totals and whole lists, of rows that PostgreSQL makes up."""

from datetime import UTC, datetime

import sqlalchemy as sa

from solarhub.kit.db import Database, Tenancy, set_tenants
from solarhub.kit.ids import uuid7
from solarhub.kit.listing import between, each_of, each_row_of, equal, page_of, page_of_rows
from solarhub.kit.paging import COUNT_CEILING, ById, Cursor, CursorPage, Listing, Page
from solarhub.organizations.models import Organization
from tests.conftest import MakeTenant


def numbers(up_to: int) -> sa.Select[int]:
    series = sa.func.generate_series(1, up_to).table_valued(sa.column("number", sa.Integer)).render_derived()
    return sa.select(series.c.number).order_by(series.c.number.desc())


async def test_a_page_comes_in_order_with_the_number_of_all(app_database: Database) -> None:
    async with app_database.session() as session:
        assert await page_of(session, numbers(7), Page(limit=2, offset=3)) == ([4, 3], 7)
        assert await page_of(session, numbers(7), Page(offset=7)) == ([], 7)
        rows, total = await page_of_rows(session, numbers(3).add_columns(sa.literal("x")), Page(limit=1))

    assert ([tuple(row) for row in rows], total) == ([(3, "x")], 3)


async def test_a_total_is_a_lower_bound_past_the_ceiling_unless_it_is_to_be_exact(app_database: Database) -> None:
    async with app_database.session() as session:
        _, at_the_ceiling = await page_of(session, numbers(COUNT_CEILING), Page())
        _, bounded = await page_of(session, numbers(COUNT_CEILING + 500), Page())
        _, exact = await page_of(session, numbers(COUNT_CEILING + 500), Page(total="exact"))

    assert (at_the_ceiling, bounded, exact) == (COUNT_CEILING, COUNT_CEILING + 1, COUNT_CEILING + 500)
    assert Listing.of([], at_the_ceiling, Page()).total_is_exact
    assert not Listing.of([], bounded, Page()).total_is_exact


async def test_a_page_by_cursor_reads_a_row_more_and_counts_what_lies_behind_it(app_database: Database) -> None:
    page = CursorPage[ById](limit=2, cursor=Cursor(uuid7()))
    ahead = numbers(9).where(sa.column("number") < 6)

    async with app_database.session() as session:
        assert await page_of(session, ahead, page, counted=numbers(9)) == ([5, 4, 3], 9)


async def test_entities_without_a_condition_are_counted_where_the_session_stands(
    app_database: Database, make_tenant: MakeTenant
) -> None:
    ours, theirs, _ = [await make_tenant(name) for name in ("Ours", "Theirs", "A third")]
    async with app_database.session() as session:
        await set_tenants(session, Tenancy(frozenset([ours.organization_id, theirs.organization_id])))
        rows, total = await page_of(session, sa.select(Organization).order_by(Organization.name), Page(limit=1))

    assert ([row.id for row in rows], total) == ([ours.organization_id], 2)


async def test_a_whole_list_is_longer_than_what_is_read_at_once(app_database: Database) -> None:
    async with app_database.session() as session:
        assert [number async for number in each_of(session, numbers(1_201))] == list(range(1_201, 0, -1))
        assert [row.number async for row in each_row_of(session, numbers(2))] == [2, 1]


def told(conditions: list[sa.ColumnElement[bool]]) -> list[str]:
    return [str(condition.compile(compile_kwargs={"literal_binds": True})) for condition in conditions]


def test_only_what_is_wanted_becomes_a_condition() -> None:
    name, slug = Organization.name, Organization.slug

    assert told(equal((name, "Acme"), (slug, None), (name, ""))) == [
        "organizations.name = 'Acme'",
        "organizations.name = ''",
    ]


def test_a_stretch_of_time_has_its_start_and_not_its_end() -> None:
    at, start, end = Organization.created_at, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    comparisons = [
        [told([condition])[0].split()[1] for condition in between(at, *ends)]
        for ends in ((start, end), (start, None), (None, end), (None, None))
    ]

    assert comparisons == [[">=", "<"], [">="], ["<"], []]
