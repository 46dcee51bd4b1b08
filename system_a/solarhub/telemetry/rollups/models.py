"""What raw rows add up to, as tables. Worked on in bulk (queries), read one row at a time nowhere."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from solarhub.accounts.models import User
from solarhub.audit.recording import audited
from solarhub.devices.models import Device
from solarhub.kit.db import Base
from solarhub.kit.ids import uuid7
from solarhub.organizations.models import Organization
from solarhub.sites.models import Site


class _Figures:
    """Figures of each series of a layout, in its order. NaN: not reported, or not known."""

    device_key: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    organization_key: Mapped[int]
    layout_id: Mapped[int]
    samples: Mapped[int]
    interval_seconds: Mapped[int]
    mean: Mapped[list[float]] = mapped_column(ARRAY(sa.Double))
    least: Mapped[list[float]] = mapped_column(ARRAY(sa.Double))
    greatest: Mapped[list[float]] = mapped_column(ARRAY(sa.Double))
    last: Mapped[list[float]] = mapped_column(ARRAY(sa.Double))
    kwh: Mapped[list[float] | None] = mapped_column(ARRAY(sa.Double))
    reported: Mapped[list[int] | None] = mapped_column(ARRAY(sa.Integer))
    marks: Mapped[list[int] | None] = mapped_column(ARRAY(sa.Integer))


class RollupQuarter(_Figures, Base):
    """Of a quarter of an hour in UTC. `moved`: since when a counter stood that never moved in it (s since 1970)."""

    __tablename__ = "rollup_quarters"

    start: Mapped[datetime] = mapped_column(primary_key=True)
    last_at: Mapped[datetime]
    moved: Mapped[list[float] | None] = mapped_column(ARRAY(sa.Double))


class RollupHour(_Figures, Base):
    """Of an hour by the site's clocks."""

    __tablename__ = "rollup_hours"
    __table_args__ = ({"postgresql_with": {"fillfactor": 85}},)

    start: Mapped[datetime] = mapped_column(primary_key=True)
    ends_at: Mapped[datetime]
    last_at: Mapped[datetime | None]


class RollupDay(_Figures, Base):
    """Of a day at the site where the device stood then, with the energy that counts.

    `measured_kwh` is what its counters or its power say; a correction sets `energy_kwh` beside it.
    """

    __tablename__ = "rollup_days"
    __table_args__ = (sa.Index(None, "site_id", "day"), {"postgresql_with": {"fillfactor": 80}})

    day: Mapped[date] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    last_at: Mapped[datetime | None]
    site_id: Mapped[UUID]
    energy_kwh: Mapped[float | None]
    measured_kwh: Mapped[float | None]
    energy_method: Mapped[str | None]
    energy_marks: Mapped[int] = mapped_column(server_default="0")
    correction_id: Mapped[UUID | None]


class RollupMonth(_Figures, Base):
    """Of a month at the site."""

    __tablename__ = "rollup_months"

    month: Mapped[date] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    last_at: Mapped[datetime | None]


class RollupGap(Base):
    """Energy that belongs to a time in which nothing was told, or a counter stood still."""

    __tablename__ = "rollup_gaps"

    device_key: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    series: Mapped[str] = mapped_column(primary_key=True)
    ended_at: Mapped[datetime] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    organization_key: Mapped[int]
    kwh: Mapped[float]
    marks: Mapped[int]


class SiteEnergyDay(Base):
    """The energy of a plant on one of its days."""

    __tablename__ = "site_energy_days"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["organization_id", "site_id"], [Site.organization_id, Site.id], ondelete="RESTRICT", deferrable=True
        ),
        sa.Index(None, "organization_id", "day"),
        {"postgresql_with": {"fillfactor": 85}},
    )

    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    organization_id: Mapped[UUID]
    energy_kwh: Mapped[float | None]
    measured_kwh: Mapped[float | None]
    energy_method: Mapped[str | None]
    energy_marks: Mapped[int]
    covered_seconds: Mapped[float]
    """How long its generators were heard, each up to the whole day."""
    devices: Mapped[int]
    """How many should have been."""


class RollupTodo(Base):
    """An hour of raw rows that is still to be rolled."""

    __tablename__ = "rollup_todo"

    shard: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    device_key: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hour: Mapped[datetime] = mapped_column(primary_key=True)


class RollupDayTodo(Base):
    """A day that is still to be put together anew: from its hours, or from its quarters."""

    __tablename__ = "rollup_days_todo"

    shard: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    device_key: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    from_quarters: Mapped[bool] = mapped_column(server_default=sa.false())


class RollupMonthTodo(Base):
    """A month that is still to be put together anew, not before `due_at`."""

    __tablename__ = "rollup_months_todo"
    __table_args__ = (sa.Index(None, "due_at"),)

    device_key: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    month: Mapped[date] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]


class RollupClocksTodo(Base):
    """A plant whose clocks are others now."""

    __tablename__ = "rollup_clocks_todo"

    site_id: Mapped[UUID] = mapped_column(primary_key=True)


@audited("energy_correction")
class EnergyCorrection(Base):
    """A line of the ledger: what a device gave in a period, by a person's word. One that is undone stays."""

    __tablename__ = "energy_corrections"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["organization_id", "device_id"], [Device.organization_id, Device.id], ondelete="RESTRICT", deferrable=True
        ),
        sa.Index(None, "device_key", "first_day"),
        sa.Index(None, "organization_id", "device_id"),
        sa.Index(None, "corrected_by"),
        sa.Index(None, "undone_by"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, server_default=sa.func.gen_random_uuid())
    organization_id: Mapped[UUID]
    device_id: Mapped[UUID]
    device_key: Mapped[int]
    first_day: Mapped[date]
    last_day: Mapped[date]
    kwh_before: Mapped[float | None]
    kwh: Mapped[float]
    reason: Mapped[str]
    corrected_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey(User.id, ondelete="RESTRICT"))
    corrected_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    undone_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey(User.id, ondelete="RESTRICT"))
    undone_at: Mapped[datetime | None]


class ReaderRole(Base):
    """A login of the database that reads the views of one organization."""

    __tablename__ = "reader_roles"
    __table_args__ = (sa.Index(None, "organization_id"),)

    role_name: Mapped[str] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(sa.ForeignKey(Organization.id, ondelete="RESTRICT"))
    organization_key: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
