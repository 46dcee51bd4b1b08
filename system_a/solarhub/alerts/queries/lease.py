"""SQL of the leases by which one evaluator at a time judges a shard of devices. Times are the database's."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from solarhub.alerts.models import EvaluationLease, Evaluator
from solarhub.alerts.queries import arrays
from solarhub.alerts.queries.arrays import KEY, one_of
from solarhub.kit.db import Session


class Taken(NamedTuple):
    """A shard, and whether its last owner let it go; one that did not has died, or was cut off."""

    shard: int
    let_go: bool


def _in(seconds: float) -> sa.ColumnElement[datetime]:
    return sa.func.now() + sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)


async def tell_alive(session: Session, owner: str, *, seconds: float) -> None:
    """Says that this evaluator lives."""
    await session.execute(
        insert(Evaluator)
        .values(owner=owner, seen_until=_in(seconds))
        .on_conflict_do_update(index_elements=[Evaluator.owner], set_={"seen_until": _in(seconds)})
    )


class Company(NamedTuple):
    """How many other evaluators live, how many lived lately and did not leave, and how many leases are running."""

    living: int
    lately: int
    leased: int


async def look(session: Session, owner: str, *, lately_seconds: float) -> Company:
    """Who else is there."""
    others = sa.select(sa.func.count()).where(Evaluator.owner != owner)
    living = others.where(Evaluator.seen_until > sa.func.now())
    lately = others.where(Evaluator.seen_until > _in(-lately_seconds))
    leased = sa.select(sa.func.count()).where(EvaluationLease.leased_until > sa.func.now())
    counted = await session.execute(
        sa.select(living.scalar_subquery(), lately.scalar_subquery(), leased.scalar_subquery())
    )
    return Company(*counted.one())


async def leave(session: Session, owner: str) -> None:
    """This one ends; rows of others that ended without a word go along."""
    await session.execute(
        sa.delete(Evaluator).where(sa.or_(Evaluator.owner == owner, Evaluator.seen_until < _in(-3600)))
    )


async def renew(session: Session, owner: str, *, seconds: float) -> set[int]:
    """Renews what is still the owner's. Does not wait for the owner's transactions under way, which hold their rows."""
    renewed = await session.scalars(
        sa.update(EvaluationLease)
        .where(EvaluationLease.owner == owner)
        .values(leased_until=_in(seconds))
        .returning(EvaluationLease.shard),
        execution_options={"synchronize_session": False},
    )
    return set(renewed)


async def hold(session: Session, owner: str, shards: Collection[int]) -> bool:
    """Whether all of them are the owner's; then nobody takes one before this transaction ends."""
    held = await session.scalars(
        sa.select(EvaluationLease.shard)
        .where(EvaluationLease.owner == owner, one_of(EvaluationLease.shard, shards))
        .with_for_update(read=True, key_share=True)
    )
    return len(held.all()) == len(shards)


async def take(session: Session, owner: str, *, shards: int, most: int, seconds: float, steal: bool) -> list[Taken]:
    """Takes free ones of so many `shards`, `most` of them; with `steal` also those whose lease is still running."""
    number = arrays.table("numbers", number=(KEY, range(shards)))
    missing = sa.select(number.c.number, sa.literal(""), sa.func.now())
    await session.execute(
        insert(EvaluationLease).from_select(["shard", "owner", "leased_until"], missing).on_conflict_do_nothing()
    )
    free = sa.or_(EvaluationLease.leased_until <= sa.func.now(), sa.literal(steal))
    found = await session.execute(
        sa.select(EvaluationLease.shard, EvaluationLease.owner)
        .where(EvaluationLease.shard < shards, EvaluationLease.owner != owner, free)
        .order_by(EvaluationLease.shard)
        .limit(most)
        .with_for_update(skip_locked=not steal)
    )
    taken = [Taken(shard, let_go=not before) for shard, before in found]
    await session.execute(
        sa.update(EvaluationLease)
        .where(one_of(EvaluationLease.shard, [each.shard for each in taken]))
        .values(owner=owner, leased_until=_in(seconds)),
        execution_options={"synchronize_session": False},
    )
    return taken


async def release(session: Session, owner: str, shards: Collection[int]) -> None:
    """Lets the next evaluator begin at once."""
    await session.execute(
        sa.update(EvaluationLease)
        .where(EvaluationLease.owner == owner, one_of(EvaluationLease.shard, shards))
        .values(owner="", leased_until=sa.func.now()),
        execution_options={"synchronize_session": False},
    )
