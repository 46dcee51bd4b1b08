"""Sessions that do everything but commit: what one call writes, the next does not meet."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends

from solarhub.kit.db import Databases, Session, outages
from solarhub.kit.http import databases


async def rolled_back(pools: Annotated[Databases, Depends(databases)]) -> AsyncIterator[Session]:
    async with outages(), pools.app.session() as session:
        yield session
        await session.flush()


async def auth_rolled_back(pools: Annotated[Databases, Depends(databases)]) -> AsyncIterator[Session]:
    async with outages(), pools.auth.session() as session:
        yield session
        await session.flush()
