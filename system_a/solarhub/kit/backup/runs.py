"""When backups were taken: a row each, for whoever asks how old the newest one is."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from solarhub.kit.db import Base, Session


class BackupRun(Base):
    """A backup that was written whole and read back. `file` is its name, without the folder."""

    __tablename__ = "backup_runs"
    __table_args__ = (sa.Index(None, "finished_at"),)

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    finished_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    file: Mapped[str]
    bytes: Mapped[int] = mapped_column(sa.BigInteger)


async def note(session: Session, file: str, size: int) -> None:
    """As the worker role."""
    session.add(BackupRun(file=file, bytes=size))
    await session.flush()


async def newest(session: Session) -> datetime | None:
    """When the newest backup was finished; None before the first."""
    return await session.scalar(sa.select(sa.func.max(BackupRun.finished_at)))
