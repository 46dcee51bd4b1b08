"""SQL of the rules that people write."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import sqlalchemy as sa

from solarhub.alerts.models import AlertRule
from solarhub.alerts.schemas import RuleFilter, RuleSelection
from solarhub.kit.db import Session
from solarhub.kit.listing import each_of, page_of
from solarhub.sites.models import Site


async def rule(session: Session, rule_id: UUID) -> AlertRule | None:
    return await session.scalar(sa.select(AlertRule).where(AlertRule.id == rule_id, AlertRule.removed_at.is_(None)))


async def rule_to_change(session: Session, rule_id: UUID) -> AlertRule | None:
    """Locked until the transaction ends, so that the version that is checked is the version that is changed."""
    return await session.scalar(
        sa.select(AlertRule)
        .where(AlertRule.id == rule_id, AlertRule.removed_at.is_(None))
        .with_for_update(key_share=True)
    )


async def rules(session: Session, wanted: RuleFilter) -> tuple[Sequence[AlertRule], int]:
    """A page by name, and how many there are."""
    return await page_of(session, _selected(wanted), wanted)


def every_rule(session: Session, wanted: RuleSelection) -> AsyncIterator[AlertRule]:
    """All of the selected ones by name, read while they are used."""
    return each_of(session, _selected(wanted))


def _selected(wanted: RuleSelection) -> sa.Select[AlertRule]:
    found = sa.select(AlertRule).where(AlertRule.removed_at.is_(None))
    if wanted.site_id is not None:
        found = found.where(AlertRule.site_id == wanted.site_id)
    if wanted.is_active is not None:
        found = found.where(AlertRule.is_active.is_(wanted.is_active))
    if wanted.severity:
        found = found.where(AlertRule.severity.in_(wanted.severity))
    return found.order_by(AlertRule.name, AlertRule.id)


async def has_site(session: Session, site_id: UUID) -> bool:
    """Whether the organization that the session stands in has that site."""
    found = await session.scalar(sa.select(sa.literal(1)).where(Site.id == site_id, Site.removed_at.is_(None)))
    return found is not None
