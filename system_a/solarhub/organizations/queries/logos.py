"""SQL of logos."""

from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from solarhub.kit.db import Session
from solarhub.organizations.models import OrganizationLogo


async def put(session: Session, organization_id: UUID, png: bytes) -> None:
    wanted = insert(OrganizationLogo).values(organization_id=organization_id, png=png)
    await session.execute(
        wanted.on_conflict_do_update(
            index_elements=["organization_id"], set_={"png": wanted.excluded.png, "created_at": sa.func.now()}
        )
    )


async def png(session: Session, organization_id: UUID) -> bytes | None:
    return await session.scalar(
        sa.select(OrganizationLogo.png).where(OrganizationLogo.organization_id == organization_id)
    )


async def delete(session: Session, organization_id: UUID) -> bool:
    """Whether there was one."""
    gone = await session.execute(
        sa.delete(OrganizationLogo).where(OrganizationLogo.organization_id == organization_id),
        execution_options={"synchronize_session": False},
    )
    return cast("sa.CursorResult[Any]", gone).rowcount > 0
