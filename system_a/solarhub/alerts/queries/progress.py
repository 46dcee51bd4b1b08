"""SQL of how far judging came, what was edited, and who is to look for more."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from solarhub.alerts.models import EvaluationCall, EvaluationEdit, EvaluationPosition
from solarhub.alerts.queries.arrays import one_of
from solarhub.kit.db import Session

# ------------------------------------------------------------------------------------------------------- positions


async def positions(session: Session, shards: Collection[int]) -> Sequence[EvaluationPosition]:
    """What was saved of these shards; one that nobody ever judged has none."""
    found = await session.scalars(sa.select(EvaluationPosition).where(one_of(EvaluationPosition.shard, shards)))
    return found.all()


async def save_position(session: Session, shard: int, device_keys: Sequence[int], judged_until: Sequence[int]) -> None:
    """Writes how far the devices of a shard are judged, in microseconds since 1970, in place of what stood there."""
    statement = insert(EvaluationPosition).values(shard=shard, device_keys=device_keys, judged_until=judged_until)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[EvaluationPosition.shard],
            set_={
                "device_keys": statement.excluded.device_keys,
                "judged_until": statement.excluded.judged_until,
            },
        )
    )


# ----------------------------------------------------------------------------------------------------------- edits


class Edits(NamedTuple):
    """What was edited, by kind; `read` are the rows' numbers. `horizon`: from which transaction on to read next."""

    horizon: int
    read: set[int]
    rules: set[UUID]
    devices: set[UUID]
    sites: set[UUID]


_HORIZON = sa.text("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


async def horizon(session: Session) -> int:
    """The oldest transaction that still runs: edits of all before it are seen by whoever reads now."""
    return int((await session.execute(_HORIZON)).scalar_one())


async def edits_since(session: Session, since: int, already: Collection[int]) -> Edits:
    """Edits of transactions from `since` on, but for those `already` read."""
    # asked first: a transaction that ends in between is read twice rather than not at all
    until = await horizon(session)
    rows = await session.execute(
        sa.select(EvaluationEdit.id, EvaluationEdit.kind, EvaluationEdit.object_id).where(
            EvaluationEdit.edited_by >= since
        )
    )
    read: set[int] = set()
    by_kind: dict[str, set[UUID]] = {"rule": set(), "device": set(), "site": set()}
    for number, kind, object_id in rows:
        read.add(number)
        if number not in already:
            by_kind[kind].add(object_id)
    return Edits(until, read, by_kind["rule"], by_kind["device"], by_kind["site"])


async def forget_edits(session: Session) -> None:
    """An evaluator that did not look for an hour reads everything anew."""
    await session.execute(
        sa.delete(EvaluationEdit).where(EvaluationEdit.edited_at < sa.func.now() - sa.text("interval '1 hour'"))
    )


# ----------------------------------------------------------------------------------------------------------- calls


async def call(session: Session, device_keys: Mapping[int, Sequence[int]]) -> None:
    """Tells whoever judges a shard that more of these of its devices is stored."""
    await session.execute(
        sa.insert(EvaluationCall), [{"shard": shard, "device_keys": keys} for shard, keys in device_keys.items()]
    )


async def answer(session: Session, shards: Collection[int]) -> set[int]:
    """Takes the calls for these shards away; the devices."""
    called = await session.scalars(
        sa.delete(EvaluationCall).where(one_of(EvaluationCall.shard, shards)).returning(EvaluationCall.device_keys)
    )
    return {key for keys in called for key in keys}
