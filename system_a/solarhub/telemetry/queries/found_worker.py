"""SQL of those who report without being known, as the door writes them down and as the hub follows (worker)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from solarhub.devices.models import Device
from solarhub.kit.db import Session
from solarhub.kit.ids import uuid7
from solarhub.organizations.models import Organization
from solarhub.organizations.vocabulary import OrganizationStatus
from solarhub.sites.models import Site
from solarhub.telemetry.models import FoundAnnouncement, FoundSender, RawMessages

# ----------------------------------------------------------------------------------------------------------- roster


class Standing(NamedTuple):
    """One who was adopted, with the device that it is; or one who is ignored, without."""

    sender_id: UUID
    organization_id: UUID
    broker_key: str
    sender: str
    time_zone: str | None
    device_id: UUID | None
    organization_key: int | None
    device_key: int | None
    notes: dict[str, Any] | None
    site_time_zone: str | None


def _standings() -> sa.Select[*tuple[Any, ...]]:
    served = sa.and_(
        Device.id == FoundSender.device_id,
        Device.removed_at.is_(None),
        Organization.id == FoundSender.organization_id,
        Organization.status == OrganizationStatus.ACTIVE,
        Organization.removed_at.is_(None),
    )
    return sa.select(
        FoundSender.id,
        FoundSender.organization_id,
        FoundSender.broker_key,
        FoundSender.sender,
        FoundSender.time_zone,
        Device.id,
        Organization.organization_key,
        Device.device_key,
        Device.device_metadata,
        Site.timezone,
    ).select_from(
        sa.outerjoin(
            FoundSender,
            sa.join(
                sa.join(Device, Site, Site.id == Device.site_id),
                Organization,
                Organization.id == Device.organization_id,
            ),
            served,
        )
    )


async def standings(worker: Session) -> list[Standing]:
    """All who are adopted or ignored; of two with one name the one adopted last comes last."""
    rows = await worker.execute(
        _standings()
        .where(sa.or_(FoundSender.device_id.is_not(None), FoundSender.ignored_at.is_not(None)))
        .order_by(FoundSender.adopted_at.asc().nulls_first(), FoundSender.id)
    )
    return [Standing(*row) for row in rows]


async def stand(worker: Session) -> str:
    """Another text as soon as somebody was adopted, ignored or let go, or what they are was changed."""
    row = await worker.execute(
        sa.text("""
            select count(*), count(f.ignored_at), max(f.adopted_at), max(f.ignored_at),
                   sum(hashtextextended(concat_ws('|', f.id, f.device_id, f.organization_id, f.time_zone, d.version,
                                                  s.version, o.version), 0))
            from found_senders f
            left join devices d on d.id = f.device_id
            left join sites s on s.id = d.site_id
            left join organizations o on o.id = f.organization_id
            where f.device_id is not null or f.ignored_at is not null
        """)
    )
    return str(row.one())


# ------------------------------------------------------------------------------------------------------- writing down


class Heard(NamedTuple):
    """What was heard of one sender since it was written down last; `examples` are those to be kept, by topic."""

    organization_id: UUID
    broker_key: str
    sender: str
    dialect: str
    mapping_version: int
    first_at: datetime
    last_at: datetime
    messages: int
    facts: Mapping[str, str]
    examples: Mapping[str, Any]
    available: bool | None
    gateway_id: UUID | None
    device_id: UUID | None


async def write_alone(worker: Session, organization_id: UUID) -> None:
    """Until the end of the transaction nobody else writes down or adopts anybody of this organization."""
    lock = sa.func.pg_advisory_xact_lock(sa.func.hashtext(sa.literal("found")), sa.func.hashtext(str(organization_id)))
    await worker.execute(sa.select(lock))


async def hold(worker: Session, names: Collection[tuple[UUID, str, str]], device_ids: Collection[UUID]) -> None:
    """Locks what is about to be written: the senders of these names, and before them the devices that they are.

    `names` are organization, broker and sender; `device_ids` those that new senders will be. See decision 19.
    """
    if not names:
        return
    organizations, brokers, senders = zip(*names, strict=True)
    told = {"organizations": list(organizations), "brokers": list(brokers), "senders": list(senders)}
    await worker.execute(_HOLD_DEVICES, {**told, "device_ids": list(device_ids)})
    await worker.execute(_HOLD_SENDERS, told)


_NAMED = """
    found_senders f join unnest(:organizations, :brokers, :senders) as named (organization_id, broker_key, sender)
        using (organization_id, broker_key, sender)
"""
_NAMES = (
    sa.bindparam("organizations", type_=ARRAY(sa.Uuid)),
    sa.bindparam("brokers", type_=ARRAY(sa.Text)),
    sa.bindparam("senders", type_=ARRAY(sa.Text)),
)
_HOLD_DEVICES = sa.text(f"""
select from devices d
where d.id in (select f.device_id from {_NAMED} union all select unnest(:device_ids))
order by d.id for key share
""").bindparams(*_NAMES, sa.bindparam("device_ids", type_=ARRAY(sa.Uuid)))  # noqa: S608 - put together of what stands here
_HOLD_SENDERS = sa.text(f"select from {_NAMED} order by f.id for no key update of f").bindparams(*_NAMES)


async def how_many_wait(worker: Session, organization_id: UUID) -> int:
    wanted = sa.select(sa.func.count(FoundSender.id)).where(
        FoundSender.organization_id == organization_id, FoundSender.device_id.is_(None)
    )
    return await worker.scalar(wanted) or 0


async def known(
    worker: Session, organization_id: UUID, broker_key: str, senders: Collection[str]
) -> dict[str, FoundSender]:
    """By name; of several the one adopted last, else the one that waits."""
    rows = await worker.scalars(
        sa.select(FoundSender)
        .where(
            FoundSender.organization_id == organization_id,
            FoundSender.broker_key == broker_key,
            FoundSender.sender.in_(senders),
        )
        .order_by(FoundSender.adopted_at.asc().nulls_first())
        .execution_options(populate_existing=True)
    )
    return {row.sender: row for row in rows}


async def add_sender(worker: Session, heard: Heard) -> UUID:
    """One of whom nothing was known."""
    sender_id = uuid7()
    await worker.execute(
        sa.insert(FoundSender).values(
            id=sender_id,
            organization_id=heard.organization_id,
            broker_key=heard.broker_key,
            sender=heard.sender,
            dialect=heard.dialect,
            mapping_version=heard.mapping_version,
            first_seen_at=heard.first_at,
            last_seen_at=heard.last_at,
            messages=heard.messages,
            facts=dict(heard.facts),
            examples=dict(heard.examples),
            available=heard.available,
            gateway_id=heard.gateway_id,
            device_id=heard.device_id,
            adopted_at=sa.func.now() if heard.device_id is not None else None,
        )
    )
    return sender_id


async def add_to_sender(worker: Session, sender_id: UUID, heard: Heard) -> None:
    """Counts it, and keeps what it says of itself."""
    values: dict[str, Any] = {
        "last_seen_at": sa.func.greatest(FoundSender.last_seen_at, heard.last_at),
        "messages": FoundSender.messages + heard.messages,
    }
    if heard.dialect:
        values |= {"dialect": heard.dialect, "mapping_version": heard.mapping_version}
    if heard.facts:
        values["facts"] = FoundSender.facts.op("||")(sa.cast(dict(heard.facts), FoundSender.facts.type))
    if heard.examples:
        values["examples"] = FoundSender.examples.op("||")(sa.cast(dict(heard.examples), FoundSender.examples.type))
    if heard.available is not None:
        values["available"] = heard.available
    if heard.gateway_id is not None:
        values["gateway_id"] = heard.gateway_id
    await worker.execute(sa.update(FoundSender).where(FoundSender.id == sender_id).values(**values))


class Kept(NamedTuple):
    """Messages to be kept; `instants` None: no sample was stored of them yet."""

    organization_id: UUID
    sender_id: UUID
    first_at: datetime
    last_at: datetime
    messages: int
    dialect: str
    mapping_version: int
    instants: Sequence[int] | None
    body: bytes


async def keep(worker: Session, kept: Sequence[Kept]) -> None:
    if kept:
        await worker.execute(
            sa.insert(RawMessages),
            [{**each._asdict(), "instants": None if each.instants is None else list(each.instants)} for each in kept],
        )


async def announce(
    worker: Session, organization_id: UUID, broker_key: str, topic: str, *, payload: bytes, at: datetime
) -> None:
    """The last announcement of a topic; an empty one takes it back."""
    if not payload:
        await worker.execute(
            sa.delete(FoundAnnouncement).where(
                FoundAnnouncement.organization_id == organization_id,
                FoundAnnouncement.broker_key == broker_key,
                FoundAnnouncement.topic == topic,
            )
        )
        return
    said = insert(FoundAnnouncement).values(
        organization_id=organization_id, broker_key=broker_key, topic=topic, payload=payload, received_at=at
    )
    await worker.execute(
        said.on_conflict_do_update(
            index_elements=[
                FoundAnnouncement.organization_id, FoundAnnouncement.broker_key, FoundAnnouncement.topic
            ],
            set_={"payload": said.excluded.payload, "received_at": said.excluded.received_at},
        )
    )  # fmt: skip


# -------------------------------------------------------------------------------------------------- what is behind


async def behind(worker: Session, limit: int) -> list[Standing]:
    """Adopted ones of whose messages nothing was stored yet."""
    ids = (
        await worker.scalars(
            sa.select(FoundSender.id)
            .where(
                FoundSender.device_id.is_not(None),
                sa.exists().where(RawMessages.sender_id == FoundSender.id, RawMessages.instants.is_(None)),
            )
            .limit(limit)
        )
    ).all()
    rows = await worker.execute(_standings().where(FoundSender.id.in_(ids)))
    return [standing for row in rows if (standing := Standing(*row)).device_key is not None]


async def claim(worker: Session, standing: Standing) -> bool:
    """Whether this transaction has the sender to itself from now on, and it is the same device as before."""
    device_id = await worker.scalar(
        sa.select(FoundSender.device_id).where(FoundSender.id == standing.sender_id).with_for_update(skip_locked=True)
    )
    return device_id is not None and device_id == standing.device_id


async def still_waiting(worker: Session, bundle_ids: Collection[int]) -> bool:
    """Whether nobody else has stored anything of these, or taken them away."""
    rows = await worker.scalars(
        sa.select(RawMessages.id)
        .where(RawMessages.id.in_(bundle_ids), RawMessages.instants.is_(None))
        .with_for_update(skip_locked=True)
    )
    return len(rows.all()) == len(bundle_ids)


class Wish(NamedTuple):
    """Whose messages are to be read anew, since when; `told_so_far`: what earlier steps of the same replay did."""

    standing: Standing
    since: datetime
    asked_at: datetime
    told_so_far: Mapping[str, int]


async def to_replay(worker: Session) -> Wish | None:
    """Whoever has waited longest."""
    sender = await worker.scalar(
        sa.select(FoundSender)
        .where(FoundSender.replay_asked_at.is_not(None), FoundSender.device_id.is_not(None))
        .order_by(FoundSender.replay_asked_at)
        .limit(1)
        .execution_options(populate_existing=True)
    )
    if sender is None or sender.replay_from is None or sender.replay_asked_at is None:
        return None
    goes_on = sender.replayed_at is not None and sender.replayed_at > sender.replay_asked_at
    standing = Standing(*(await worker.execute(_standings().where(FoundSender.id == sender.id))).one())
    told_so_far = (sender.replay_told or {}) if goes_on else {}
    return Wish(standing, sender.replay_from, sender.replay_asked_at, told_so_far)


async def still_wanted(worker: Session, wish: Wish) -> bool:
    """Whether the wish stands as it was read; of a sender that is claimed."""
    wanted = sa.select(FoundSender.replay_asked_at, FoundSender.replay_from)
    row = (await worker.execute(wanted.where(FoundSender.id == wish.standing.sender_id))).one()
    return tuple(row) == (wish.asked_at, wish.since)


async def bundles(
    worker: Session, sender_id: UUID, *, since: datetime | None = None, pending: bool, most_bytes: int
) -> list[RawMessages]:
    """In the order of time, until they hold so many bytes: those that wait to be stored, or those that were."""
    size = sa.func.sum(sa.func.length(RawMessages.body)).over(order_by=(RawMessages.last_at, RawMessages.id))
    wanted = sa.select(RawMessages.id, size.label("size")).where(
        RawMessages.sender_id == sender_id,
        RawMessages.instants.is_(None) if pending else RawMessages.instants.is_not(None),
    )
    if since is not None:
        wanted = wanted.where(RawMessages.last_at >= since)
    ids = wanted.subquery()
    rows = await worker.scalars(
        sa.select(RawMessages)
        .join(ids, ids.c.id == RawMessages.id)
        .where(ids.c.size - sa.func.length(RawMessages.body) < most_bytes)
        .order_by(RawMessages.last_at, RawMessages.id)
        .execution_options(populate_existing=True)
    )
    return list(rows.all())


async def settle(worker: Session, bundle_id: int, instants: Sequence[int], dialect: str, version: int) -> None:
    """Which samples were stored of a bundle's messages, and by which mapping."""
    await worker.execute(
        sa.update(RawMessages)
        .where(RawMessages.id == bundle_id)
        .values(instants=list(instants), dialect=dialect, mapping_version=version)
    )


async def note_replayed(
    worker: Session, sender_id: UUID, told: Mapping[str, Any], *, go_on_from: datetime | None
) -> None:
    """What a replay did; `go_on_from`: there is more, from then on."""
    values: dict[str, Any] = {"replay_told": dict(told), "replayed_at": sa.func.now()}
    if go_on_from is None:
        values["replay_asked_at"] = None
    else:
        values["replay_from"] = go_on_from
    await worker.execute(sa.update(FoundSender).where(FoundSender.id == sender_id).values(**values))
