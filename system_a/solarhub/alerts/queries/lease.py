"""SQL of the lease by which one evaluator at a time judges a shard of devices. Times are the database's."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from solarhub.alerts.models import EvaluationLease
from solarhub.kit.db import Session


def _in(seconds: float) -> sa.ColumnElement[datetime]:
    return sa.func.now() + sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)


async def take(session: Session, shard: int, owner: str, *, seconds: float, steal: bool) -> bool:
    """Takes the lease, if nobody else's is running or `steal` is set; False otherwise."""
    free = sa.or_(EvaluationLease.owner == owner, EvaluationLease.leased_until <= sa.func.now(), sa.literal(steal))
    # Looking first: whoever stands by does not wait for the row, which the other one locks while it writes.
    held = await session.execute(sa.select(EvaluationLease.shard).where(EvaluationLease.shard == shard, ~free))
    if held.one_or_none() is not None:
        return False
    taken = await session.execute(
        insert(EvaluationLease)
        .values(shard=shard, owner=owner, leased_until=_in(seconds))
        .on_conflict_do_update(
            index_elements=[EvaluationLease.shard],
            set_={"owner": owner, "leased_until": _in(seconds)},
            where=free,
        )
        .returning(EvaluationLease.shard)
    )
    return taken.one_or_none() is not None


async def renew(session: Session, shard: int, owner: str, *, seconds: float) -> bool:
    """Renews a lease that is still the owner's, and locks it: nobody takes it before this transaction ends."""
    renewed = await session.execute(
        sa.update(EvaluationLease)
        .where(EvaluationLease.shard == shard, EvaluationLease.owner == owner)
        .values(leased_until=_in(seconds))
        .returning(EvaluationLease.shard),
        execution_options={"synchronize_session": False},
    )
    return renewed.one_or_none() is not None


async def release(session: Session, shard: int, owner: str) -> None:
    """Lets the next evaluator begin at once."""
    await session.execute(
        sa.update(EvaluationLease)
        .where(EvaluationLease.shard == shard, EvaluationLease.owner == owner)
        .values(leased_until=sa.func.now()),
        execution_options={"synchronize_session": False},
    )
