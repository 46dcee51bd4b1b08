"""What somebody wants to be told, as a person writes it and changes it."""

from uuid import UUID

from solarhub.alerts.models import AlertRule
from solarhub.alerts.queries import rules as queries
from solarhub.alerts.schemas import RuleChange, RuleRegistration
from solarhub.kit.db import ForeignKeyViolated, Session, violations
from solarhub.kit.errors import FieldError, Invalid, NotFound


async def register(session: Session, organization_id: UUID, registration: RuleRegistration) -> AlertRule:
    """A new rule of the organization that the session stands in; Invalid for a site that it does not have."""
    rule = AlertRule(
        organization_id=organization_id,
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
    session.add(rule)
    await _store(session, rule)
    return rule


async def change(session: Session, rule: AlertRule, wanted: RuleChange) -> AlertRule:
    """Sets what the request named, on a rule that is locked; errors as for `register`."""
    for name in wanted.model_fields_set - {"channels"}:
        setattr(rule, name, getattr(wanted, name))
    if "channels" in wanted.model_fields_set:
        rule.channels = [channel.value for channel in wanted.channels]
    await _store(session, rule)
    return rule


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
