"""Who ends a transaction decides what "acknowledged" means, so that it happens in four rooms only."""

import re
from pathlib import Path

from tests.house.tree import PACKAGE, inside, matches

ROOMS = re.compile(r"(kit/(http|loop|db|backup)|telemetry/store|migrations)(/|\.py)")
"""The four rooms (a module, or a package of that name); backups, which only read; migrations, which no request runs."""
ENDING = r"(?<!maintenance)(?<!rests)\.(commit|rollback|begin|transaction)\("
"""Maintenance begins too, and a rest; neither is a transaction."""


def may_end(path: Path) -> bool:
    return bool(ROOMS.match(path.relative_to(PACKAGE).as_posix()))


def test_transactions_are_ended_in_their_four_rooms_only() -> None:
    elsewhere = [path for path in inside(PACKAGE, ".py") if not may_end(path)]

    assert list(matches(ENDING, elsewhere)) == []


def test_a_commit_in_a_use_case_would_be_found(tmp_path: Path) -> None:
    use_case = tmp_path / "rules.py"
    use_case.write_text("async def create(session):\n    await session.commit()\n")

    assert len(list(matches(ENDING, [use_case]))) == 1
