"""The telemetry engine: marks and roll-ups, cold blocks, own metrics, found senders, imports, backups

Revision ID: 0003
Revises: 0002
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SQL = Path(__file__).parents[1] / "sql"


def statements(name: str) -> Iterator[str]:
    """Statements of one SQL file; a statement ends at an empty line."""
    for block in (SQL / f"{revision}_{name}.sql").read_text("utf-8").split("\n\n"):
        lines = [line for line in block.splitlines() if line and not line.startswith("--")]
        if lines:
            yield "\n".join(lines)


def run(*names: str) -> None:
    for name in names:
        for statement in statements(name):
            # exec_driver_sql: a colon in the SQL is a colon, not a bind parameter
            op.get_bind().exec_driver_sql(statement)


ROOMS = (
    "corridor",
    "metrics",
    "mqtt",
    "found",
    "rollups",
    "rollups_views",
    "cold",
    "history",
    "alerts",
    "reading",
    "operation",
)


def upgrade() -> None:
    run(*ROOMS)


def downgrade() -> None:
    run(*(f"{room}_down" for room in reversed(ROOMS)))
