"""SQL of judging, as the worker role: rules in force, devices, kept states, and what judging changes."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, distinct_on, insert

from solarhub.alerts.models import Alert, AlertEpisode, AlertRule, AlertRuleState
from solarhub.alerts.queries import arrays
from solarhub.alerts.queries.arrays import INSTANT, KEY, one_of, table
from solarhub.alerts.vocabulary import OPEN, AlertStatus
from solarhub.devices.models import Device, DeviceState
from solarhub.kit.db import Session
from solarhub.sites.models import Site
from solarhub.telemetry.models import CustomMetric

Row = Mapping[str, Any]
"""Column names and values of a row to be written."""


# ------------------------------------------------------------------------------------------------- what is judged


async def rules_in_force(
    session: Session, rule_ids: Collection[UUID] | None = None
) -> Sequence[sa.Row[AlertRule, str | None]]:
    """Those of the rules, of all for None, that are in force; with the unit where an own metric is watched."""
    watched = sa.type_coerce(AlertRule.condition, JSONB)["metric"].astext
    its_own = sa.and_(CustomMetric.organization_id == AlertRule.organization_id, CustomMetric.name == watched)
    statement = (
        sa.select(AlertRule, CustomMetric.unit)
        .outerjoin(CustomMetric, its_own)
        .where(AlertRule.is_active, AlertRule.removed_at.is_(None))
        .order_by(AlertRule.id)
    )
    if rule_ids is not None:
        statement = statement.where(one_of(AlertRule.id, rule_ids))
    return (await session.execute(statement)).all()


async def watched_devices(
    session: Session,
    *,
    after: int = -1,
    most: int | None = None,
    of: int = 1,
    shards: Collection[int] = (0,),
    device_keys: Collection[int] | None = None,
    device_ids: Collection[UUID] = (),
    site_ids: Collection[UUID] = (),
) -> Sequence[Any]:
    """What judging must know of devices, in the order of their keys; those that were removed are not among them.

    In these of so many shards, beyond the key `after`; with `device_keys` those, with ids those and the sites' alone.
    """
    statement = (
        sa.select(
            Device.device_key,
            Device.id,
            Device.organization_id,
            Device.site_id,
            Device.name,
            Device.device_type,
            Device.device_metadata["reporting_interval_seconds"].as_float().label("interval_seconds"),
            Site.latitude,
            Site.longitude,
            DeviceState.judged_until,
            DeviceState.last_sample_at,
        )
        .join(Site, Site.id == Device.site_id)
        .outerjoin(DeviceState, DeviceState.device_id == Device.id)
        .where(Device.removed_at.is_(None), Device.device_key > after, (Device.device_key % of).in_(shards))
        .order_by(Device.device_key)
        .limit(most)
    )
    if device_keys is not None:
        statement = statement.where(one_of(Device.device_key, device_keys))
    if device_ids or site_ids:
        statement = statement.where(sa.or_(one_of(Device.id, device_ids), one_of(Device.site_id, site_ids)))
    return (await session.execute(statement)).all()


async def removed_devices(session: Session, device_ids: Collection[UUID]) -> set[int]:
    """Keys of those of the devices that were removed."""
    removed = await session.scalars(
        sa.select(Device.device_key).where(one_of(Device.id, device_ids), Device.removed_at.is_not(None))
    )
    return set(removed)


async def kept_states(
    session: Session, *, device_keys: Collection[int] | None = None, rule_ids: Collection[UUID] | None = None
) -> Sequence[Any]:
    """Where rules stand on devices, of all for None; an alert that somebody closed is no open alert."""
    statement = (
        sa.select(
            AlertRuleState.rule_id,
            AlertRuleState.rule_version,
            Device.device_key,
            AlertRuleState.streak_started_at,
            AlertRuleState.awaiting_clear,
            Alert.id.label("open_alert_id"),
            AlertRuleState.last_triggered_at,
            AlertRuleState.changed_at,
        )
        .join(Device, Device.id == AlertRuleState.device_id)
        .outerjoin(Alert, sa.and_(Alert.id == AlertRuleState.open_alert_id, Alert.status.in_(OPEN)))
    )
    if device_keys is not None:
        statement = statement.where(one_of(Device.device_key, device_keys))
    if rule_ids is not None:
        statement = statement.where(one_of(AlertRuleState.rule_id, rule_ids))
    return (await session.execute(statement)).all()


async def closed_among(session: Session, alert_ids: Collection[UUID]) -> set[UUID]:
    """Those of the alerts that are not open any more."""
    still_open = await session.scalars(sa.select(Alert.id).where(one_of(Alert.id, alert_ids), Alert.status.in_(OPEN)))
    return set(alert_ids) - set(still_open)


# ------------------------------------------------------------------------------------------- what judging changes


async def hold_places(session: Session, site_ids: Collection[UUID], device_ids: Collection[UUID]) -> None:
    """Nobody removes these plants and devices, or hands them over, until the transaction ends."""
    for column, ids in ((Site.id, site_ids), (Device.id, device_ids)):
        held = sa.select(column).where(one_of(column, ids)).order_by(column)
        await session.execute(held.with_for_update(read=True, key_share=True))


async def resolve_alerts(session: Session, ends: Mapping[UUID, datetime]) -> Sequence[UUID]:
    """Closes alerts by their clear sample; those that this closed.

    One that a person closed in the meantime stays as that person left it.
    """
    end = table("ends", alert_id=(arrays.UUID, list(ends)), at=(INSTANT, list(ends.values())))
    # in the order of their ids, as whoever notes deliveries on them
    still_open = await session.scalars(
        sa.select(Alert.id)
        .where(one_of(Alert.id, ends.keys()), Alert.status.in_(OPEN))
        .order_by(Alert.id)
        .with_for_update(key_share=True)
    )
    closing = still_open.all()
    await session.execute(
        sa.update(Alert)
        .where(Alert.id == end.c.alert_id, one_of(Alert.id, closing))
        .values(status=AlertStatus.RESOLVED, resolved_at=end.c.at),
        execution_options={"synchronize_session": False},
    )
    await session.execute(
        sa.update(AlertEpisode)
        .where(AlertEpisode.alert_id == end.c.alert_id, AlertEpisode.closed_at.is_(None))
        .values(closed_at=end.c.at),
        execution_options={"synchronize_session": False},
    )
    return closing


async def close_episodes_of_closed_alerts(session: Session, pairs: Collection[tuple[UUID, str]]) -> None:
    """An alert may be closed by hand, in SQL even; its episode must not stand in the way of the next one."""
    pair = _pairs(pairs)
    is_open = sa.exists().where(Alert.id == AlertEpisode.alert_id, Alert.status.in_(OPEN))
    ended = sa.select(Alert.resolved_at).where(Alert.id == AlertEpisode.alert_id).scalar_subquery()
    await session.execute(
        sa.update(AlertEpisode)
        .where(
            AlertEpisode.rule_id == pair.c.rule_id,
            AlertEpisode.target == pair.c.target,
            AlertEpisode.closed_at.is_(None),
            ~is_open,
        )
        .values(closed_at=sa.func.coalesce(ended, sa.func.now())),
        execution_options={"synchronize_session": False},
    )


async def open_episodes(session: Session, episodes: Sequence[Row]) -> set[UUID]:
    """Inserts episodes; those that came through, by alert. The others would have been a second alert for one breach."""
    statement = insert(AlertEpisode).from_select(
        list(_EPISODE), _rows("episodes", _EPISODE, episodes), include_defaults=False
    )
    made = await session.scalars(statement.on_conflict_do_nothing().returning(AlertEpisode.alert_id))
    return set(made)


async def insert_alerts(session: Session, alerts: Sequence[Row]) -> None:
    await session.execute(
        sa.insert(Alert).from_select(list(_ALERT), _rows("opened", _ALERT, alerts), include_defaults=False)
    )


async def keep_states(session: Session, states: Sequence[Row]) -> None:
    """Writes where rules stand on devices, over what stood there; given in the order of rules and targets."""
    statement = insert(AlertRuleState).from_select(list(_STATE), _rows("moved", _STATE, states), include_defaults=False)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[AlertRuleState.rule_id, AlertRuleState.target],
            set_={name: statement.excluded[name] for name in _CHANGING},
        )
    )


_EPISODE: Mapping[str, sa.types.TypeEngine[Any]] = {
    "alert_id": arrays.UUID,
    "organization_id": arrays.UUID,
    "rule_id": arrays.UUID,
    "target": arrays.TEXT,
    "streak_started_at": INSTANT,
    "triggered_at": INSTANT,
    "closed_at": INSTANT,
}
_ALERT: Mapping[str, sa.types.TypeEngine[Any]] = {
    "id": arrays.UUID,
    "rule_id": arrays.UUID,
    "organization_id": arrays.UUID,
    "site_id": arrays.UUID,
    "device_id": arrays.UUID,
    "severity": Alert.severity.type,
    "status": Alert.status.type,
    "title": arrays.TEXT,
    "message": arrays.TEXT,
    "metric_name": arrays.TEXT,
    "metric_value": sa.Double(),
    "threshold_value": sa.Double(),
    "triggered_at": INSTANT,
    "resolved_at": INSTANT,
}
_STATE: Mapping[str, sa.types.TypeEngine[Any]] = {
    "rule_id": arrays.UUID,
    "target": arrays.TEXT,
    "organization_id": arrays.UUID,
    "device_id": arrays.UUID,
    "rule_version": KEY,
    "streak_started_at": INSTANT,
    "awaiting_clear": sa.Boolean(),
    "open_alert_id": arrays.UUID,
    "last_triggered_at": INSTANT,
    "changed_at": INSTANT,
}
_CHANGING = (
    "rule_version",
    "streak_started_at",
    "awaiting_clear",
    "open_alert_id",
    "last_triggered_at",
    "changed_at",
)


def _rows(name: str, types: Mapping[str, sa.types.TypeEngine[Any]], rows: Sequence[Row]) -> sa.Select[Any]:
    return sa.select(table(name, **{column: (kind, [row[column] for row in rows]) for column, kind in types.items()}))


async def adopt_episodes(session: Session, pairs: Collection[tuple[UUID, str]]) -> None:
    """Makes kept states follow the newest episodes of their pairs: where states were lost, episodes are the truth."""
    pair = _pairs(pairs)
    newest = (
        sa.select(AlertEpisode)
        .join(pair, sa.and_(AlertEpisode.rule_id == pair.c.rule_id, AlertEpisode.target == pair.c.target))
        .ext(distinct_on(AlertEpisode.rule_id, AlertEpisode.target))
        .order_by(AlertEpisode.rule_id, AlertEpisode.target, AlertEpisode.triggered_at.desc())
        .subquery()
    )
    facts = sa.select(
        newest.c.rule_id,
        newest.c.target,
        newest.c.organization_id,
        sa.cast(sa.func.split_part(newest.c.target, ":", 2), arrays.UUID),
        AlertRule.version,
        newest.c.streak_started_at,
        sa.true(),
        newest.c.alert_id,
        newest.c.triggered_at,
        newest.c.triggered_at.label("changed_at"),
    ).join(AlertRule, AlertRule.id == newest.c.rule_id)
    names = [
        "rule_id",
        "target",
        "organization_id",
        "device_id",
        "rule_version",
        "streak_started_at",
        "awaiting_clear",
        "open_alert_id",
        "last_triggered_at",
        "changed_at",
    ]
    statement = insert(AlertRuleState).from_select(names, facts)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[AlertRuleState.rule_id, AlertRuleState.target],
            set_={name: statement.excluded[name] for name in names[4:]},
        )
    )


async def begin_anew(session: Session, versions: Mapping[UUID, int]) -> None:
    """The rules ask otherwise since these versions: their streaks are forgotten, open alerts and cooldowns are not.

    What another evaluator wrote by the new version already is left alone, here as in `go_on`.
    """
    await _set_version(session, versions, streak_started_at=None, awaiting_clear=False)


async def go_on(session: Session, versions: Mapping[UUID, int]) -> None:
    """The rules ask the same as before these versions: what is kept holds."""
    await _set_version(session, versions)


async def _set_version(session: Session, versions: Mapping[UUID, int], **also: object) -> None:
    rule = table("edited", id=(arrays.UUID, list(versions)), version=(KEY, list(versions.values())))
    another = AlertRuleState.rule_id == rule.c.id, AlertRuleState.rule_version != rule.c.version
    key = AlertRuleState.rule_id, AlertRuleState.target
    # in one order: every evaluator comes by here once a rule was edited, and writes states besides
    held = sa.select(*key).select_from(sa.join(AlertRuleState, rule, sa.and_(*another))).order_by(*key)
    await session.execute(held.with_for_update(key_share=True, of=AlertRuleState))
    await session.execute(
        sa.update(AlertRuleState).where(*another).values(rule_version=rule.c.version, **also),
        execution_options={"synchronize_session": False},
    )


def _pairs(pairs: Collection[tuple[UUID, str]]) -> sa.TableValuedAlias:
    rule_ids, targets = zip(*pairs, strict=True)
    return table("pairs", rule_id=(arrays.UUID, rule_ids), target=(arrays.TEXT, targets))
