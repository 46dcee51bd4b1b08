"""Files of the past that were brought along, as tables."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from solarhub.accounts.models import User
from solarhub.audit.recording import audited
from solarhub.kit.db import Base
from solarhub.kit.ids import uuid7
from solarhub.organizations.models import Organization


@audited("history_import", file_sha256=bytes.hex)
class HistoryImport(Base):
    """One file. `rows` of it were read, of `refused` nothing was taken, and `refused_values` single cells.

    `finished_at` is None while it is at work, and for ever where something ended it; `undone_at`: since when its rows
    are gone again.
    """

    __tablename__ = "history_imports"
    __table_args__ = (
        sa.UniqueConstraint("organization_id", "id"),
        sa.Index(None, "organization_id", "started_at"),
        sa.Index(None, "imported_by"),
        sa.Index(None, "undone_by"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, server_default=sa.func.gen_random_uuid())
    organization_id: Mapped[UUID] = mapped_column(sa.ForeignKey(Organization.id, ondelete="RESTRICT"))
    file_name: Mapped[str]
    file_sha256: Mapped[bytes]
    file_bytes: Mapped[int] = mapped_column(sa.BigInteger)
    map: Mapped[str]
    map_version: Mapped[int]
    time_zone: Mapped[str | None]
    imported_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey(User.id, ondelete="RESTRICT"))
    started_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    finished_at: Mapped[datetime | None]
    rows: Mapped[int] = mapped_column(sa.BigInteger, server_default=sa.text("0"))
    refused: Mapped[int] = mapped_column(sa.BigInteger, server_default=sa.text("0"))
    refused_values: Mapped[int] = mapped_column(sa.BigInteger, server_default=sa.text("0"))
    undone_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey(User.id, ondelete="RESTRICT"))
    undone_at: Mapped[datetime | None]


class HistoryImportPart(Base):
    """What one transaction of an import stored of one device. `instants`: of those rows (`instants.packed`)."""

    __tablename__ = "history_import_parts"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["organization_id", "import_id"], [HistoryImport.organization_id, HistoryImport.id], ondelete="CASCADE"
        ),
    )

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    device_id: Mapped[UUID]
    device_key: Mapped[int]
    device: Mapped[str]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    stored: Mapped[int]
    duplicates: Mapped[int]
    conflicts: Mapped[int]
    taken_out: Mapped[int | None]
    instants: Mapped[bytes | None]
