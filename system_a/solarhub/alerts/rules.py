"""What somebody wants to be told, as a person writes it, changes it, switches it and takes it away."""

from uuid import UUID

from solarhub.alerts import closing
from solarhub.alerts.models import AlertRule
from solarhub.alerts.queries import rules as queries
from solarhub.alerts.schemas import RuleChange, RuleRegistration
from solarhub.audit.recording import acting
from solarhub.kit.clock import now
from solarhub.kit.db import ForeignKeyViolated, Session, violations
from solarhub.kit.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from solarhub.kit.refusals import did_you_mean, shown
from solarhub.metrics import is_own_name
from solarhub.organizations.access import Standing
from solarhub.telemetry.own_metrics import catalogue_in


async def register(session: Session, standing: Standing, registration: RuleRegistration) -> AlertRule:
    """A new rule of the organization that the session stands in.

    Invalid for a site or a metric that it does not have; Forbidden for all sites to whom only some are lent.
    """
    rule = AlertRule(
        organization_id=standing.organization.id,
        site_id=registration.site_id,
        name=registration.name,
        description=registration.description,
        condition=registration.condition,
        severity=registration.severity,
        channels=[channel.value for channel in registration.channels],
        is_active=registration.is_active,
        cooldown_minutes=registration.cooldown_minutes,
        auto_resolve=registration.auto_resolve,
    )
    _check_reach(standing, rule)
    await _check_metric(session, rule)
    session.add(rule)
    await _store(session, rule)
    return rule


async def change(session: Session, standing: Standing, rule: AlertRule, wanted: RuleChange) -> AlertRule:
    """Sets what the request named, on a rule that is locked; errors as for `register`."""
    for name in wanted.model_fields_set - {"channels"}:
        setattr(rule, name, getattr(wanted, name))
    if "channels" in wanted.model_fields_set:
        rule.channels = [channel.value for channel in wanted.channels]
    _check_reach(standing, rule)
    if "condition" in wanted.model_fields_set:
        await _check_metric(session, rule)
    await _store(session, rule)
    return rule


async def switch(session: Session, rule: AlertRule, *, on: bool) -> AlertRule:
    """A rule that is off judges nothing; its open alerts stay for a person. Conflict for one that is so already."""
    word = "on" if on else "off"
    if rule.is_active is on:
        raise Conflict(f"This rule is switched {word} already.", state=word)
    acting(session, f"alert_rule.switch_{word}")
    rule.is_active = on
    await session.flush()
    return rule


async def remove(session: Session, rule: AlertRule) -> None:
    """It judges nothing any more, and what it raised is closed; what is closed stays readable."""
    acting(session, "alert_rule.remove")
    rule.removed_at = now()
    await session.flush()
    await closing.with_rule(session, rule.id)


async def find(session: Session, rule_id: UUID) -> AlertRule:
    """NotFound for one that is not there, was removed, or is somebody else's."""
    rule = await queries.rule(session, rule_id)
    if rule is None:
        raise NotFound
    return rule


async def find_to_change(session: Session, rule_id: UUID) -> AlertRule:
    """As `find`, and locked."""
    rule = await queries.rule_to_change(session, rule_id)
    if rule is None:
        raise NotFound
    return rule


def _check_reach(standing: Standing, rule: AlertRule) -> None:
    """Whoever was lent single sites makes rules for these; one for all sites would watch everybody else's as well."""
    if standing.site_ids is None:
        return
    if rule.site_id is None:
        raise Forbidden("A rule for every plant needs the right to change rules in the whole organization.")
    if rule.site_id not in standing.site_ids:
        raise _unknown_site(rule)


async def _check_metric(session: Session, rule: AlertRule) -> None:
    """A standard metric is known to be one; whether the organization has such an own one is asked here."""
    name = rule.condition.metric
    if not is_own_name(name):
        return
    with session.no_autoflush:
        known = await catalogue_in(session, rule.organization_id)
    if name not in known:
        message = "is not a metric of the organization's own" + did_you_mean(name, known)
        raise Invalid([FieldError("condition.metric", shown(name), message, list(known))])


async def _store(session: Session, rule: AlertRule) -> None:
    if rule.site_id is not None:
        with session.no_autoflush:
            site_is_there = await queries.has_site(session, rule.site_id)
        if not site_is_there:
            raise _unknown_site(rule)
    try:
        with violations():
            await session.flush()
    except ForeignKeyViolated:
        raise _unknown_site(rule) from None


def _unknown_site(rule: AlertRule) -> Invalid:
    allowed = "the id of one of its sites, or null for all of them"
    return Invalid([FieldError("site_id", str(rule.site_id), "is no site of this organization", allowed)])
