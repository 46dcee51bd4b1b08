"""SQL of logins that read one organization's views; asked as whoever may make roles on the server."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from solarhub.kit.db import Session

GROUP = "solarhub_readers"
"""Whoever is in it is asked for a password at the embedded server's socket; it may do nothing by itself."""
VIEWS = (
    "v_rollup_15m",
    "v_rollup_hour",
    "v_rollup_day",
    "v_rollup_month",
    "v_energy_day",
    "v_energy_gap",
    "v_energy_correction",
    "v_site_energy_day",
)
"""What a reader sees."""
_SETTINGS = {
    "default_transaction_read_only": "on",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
    "lock_timeout": "4s",
}


async def exists(session: Session, role: str) -> bool:
    return bool(await session.scalar(sa.text("select true from pg_roles where rolname = :role"), {"role": role}))


async def make(session: Session, role: str, verifier: str, organization_id: UUID, organization_key: int) -> None:
    """A login that may read the views, of that organization alone. `role` is of `a-z0-9_`, `verifier` of SCRAM."""
    if not await exists(session, GROUP):
        await _run(session, f"create role {GROUP} nologin")
    if not await exists(session, role):
        await _run(session, f"create role {role}")
    await _run(session, f"alter role {role} login connection limit 20 password '{verifier}'")
    await _run(session, f"grant {GROUP} to {role}")
    for name, value in _SETTINGS.items():
        await _run(session, f"alter role {role} set {name} = '{value}'")
    await _as_owner(session)
    database = await session.scalar(sa.text("select quote_ident(current_database())"))
    await _run(session, f"grant connect on database {database} to {role}")
    await _run(session, f"grant select on {', '.join(VIEWS)} to {role}")
    await _stand_in(session, organization_id)
    await session.execute(
        sa.text(
            "insert into reader_roles (role_name, organization_id, organization_key) values (:role, :id, :key)"
            " on conflict (role_name) do nothing"
        ),
        {"role": role, "id": organization_id, "key": organization_key},
    )
    await _as_oneself(session)


async def remove(session: Session, role: str, organization_id: UUID) -> None:
    """Takes everything from a login, and the login away; its sessions end with it."""
    await _as_owner(session)
    database = await session.scalar(sa.text("select quote_ident(current_database())"))
    await _run(session, f"revoke all on {', '.join(VIEWS)} from {role}")
    await _run(session, f"revoke all on database {database} from {role}")
    await _stand_in(session, organization_id)
    await session.execute(sa.text("delete from reader_roles where role_name = :role"), {"role": role})
    await _as_oneself(session)
    await session.execute(
        sa.text("select pg_terminate_backend(pid) from pg_stat_activity where usename = :role"), {"role": role}
    )
    await _run(session, f"drop role {role}")


async def every(session: Session, organizations: Sequence[UUID]) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """role_name, slug, created_at and whether it may log in, of readers of these organizations."""
    await _as_owner(session)
    await _stand_in(session, *organizations)
    rows = await session.execute(
        sa.text(
            "select r.role_name, o.slug, r.created_at, coalesce(p.rolcanlogin, false) as may_log_in"
            " from reader_roles r join organizations o on o.id = r.organization_id"
            " left join pg_roles p on p.rolname = r.role_name order by r.role_name"
        )
    )
    found = rows.all()
    await _as_oneself(session)
    return found


async def _as_owner(session: Session) -> None:
    """What belongs to solarhub_owner is given by it; whoever made roles before may not be a superuser."""
    await _run(session, "set local role solarhub_owner")


async def _as_oneself(session: Session) -> None:
    await _run(session, "set local role none")


async def _stand_in(session: Session, *organizations: UUID) -> None:
    ids = "{" + ",".join(map(str, organizations)) + "}"
    await session.execute(sa.text("select set_config('app.organization_ids', :ids, true)"), {"ids": ids})


async def _run(session: Session, statement: str) -> None:
    """One that takes no parameters: names in it are ours, or were checked."""
    connection = await session.connection()
    await connection.exec_driver_sql(statement)
