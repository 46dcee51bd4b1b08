from pathlib import Path

import pytest

from solarhub.cli.operator import whole
from solarhub.kit.paging import Listing, Page
from tests.cli.operating import Operator


@pytest.mark.parametrize(
    ("variable", "sentence"),
    [
        ("SOLARHUB_AUTH_DATABASE_URL", "Set SOLARHUB_AUTH_DATABASE_URL and SOLARHUB_WORKER_DATABASE_URL too"),
        ("SOLARHUB_SECRET_KEY", "`solarhub keys new` prints one"),
    ],
)
def test_what_an_operator_lacks_is_told(operator: Operator, variable: str, sentence: str) -> None:
    operator.environment[variable] = None

    assert sentence in operator.says("orgs", "list", status=1)


def test_a_directory_without_a_hub_is_told(operator: Operator, tmp_path: Path) -> None:
    said = operator.says("orgs", "list", "--data-dir", str(tmp_path), status=1)

    assert said == f"There is no hub in {tmp_path} yet: `solarhub up` makes one."


def test_a_database_without_its_schema_is_told(operator: Operator) -> None:
    operator.database.fetch("drop table alembic_version")

    assert "`solarhub migrate` makes it" in operator.says("orgs", "list", status=1)


def test_settings_that_cannot_be_used_are_told_without_a_traceback(operator: Operator) -> None:
    operator.environment["SOLARHUB_PORT"] = "http"

    assert operator.says("orgs", "list", status=1).startswith("SOLARHUB_PORT (or --port) is 'http'")


async def test_a_long_list_is_read_to_its_end() -> None:
    everything = list(range(1_203))

    async def page(offset: int) -> Listing[int]:
        wanted = Page(limit=500, offset=offset)
        return Listing.of(everything[offset : offset + 500], len(everything), wanted)

    assert await whole(page) == everything
