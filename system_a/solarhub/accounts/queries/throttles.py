"""SQL of counted tries: one row is one bucket, one statement one try."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from solarhub.accounts.models import Throttle
from solarhub.kit.db import Session


async def take(auth: Session, bucket: str, every: timedelta, full: timedelta) -> timedelta | None:
    """Puts one try into the bucket; None when it fitted, else how long until one fits."""
    now = sa.func.now()
    filled = sa.func.greatest(Throttle.empty_at, now) + every
    taken = await auth.scalar(
        insert(Throttle)
        .values(bucket=bucket, empty_at=now + every)
        .on_conflict_do_update(index_elements=[Throttle.bucket], set_={"empty_at": filled}, where=filled <= now + full)
        .returning(Throttle.bucket)
    )
    if taken is not None:
        return None
    left = sa.type_coerce(Throttle.empty_at - sa.func.clock_timestamp(), sa.Interval)
    wait = await auth.scalar(sa.select(left).where(Throttle.bucket == bucket))
    return wait + every - full if wait is not None else timedelta()


async def give_back(auth: Session, bucket: str, every: timedelta) -> None:
    """Takes one try out again."""
    await auth.execute(
        sa.update(Throttle)
        .where(Throttle.bucket == bucket)
        .values(empty_at=Throttle.empty_at - every)
        .execution_options(synchronize_session=False)
    )


async def forget(auth: Session, bucket: str) -> None:
    """Empties it."""
    await auth.execute(
        sa.delete(Throttle).where(Throttle.bucket == bucket).execution_options(synchronize_session=False)
    )


async def remove_empty(auth: Session) -> None:
    """Forgets buckets that have been empty for a while: an absent one counts as empty."""
    await auth.execute(
        sa.delete(Throttle).where(Throttle.empty_at < sa.func.now()).execution_options(synchronize_session=False)
    )
