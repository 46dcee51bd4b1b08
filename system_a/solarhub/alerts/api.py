"""Alert rules and alerts over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response, status

from solarhub.alerts import rules
from solarhub.alerts.deps import RuleToChange, RuleToRead, tell_evaluator
from solarhub.alerts.models import AlertRule
from solarhub.alerts.queries import reading
from solarhub.alerts.queries import rules as rule_queries
from solarhub.alerts.schemas import AlertAnswer, AlertFilter, RuleAnswer, RuleChange, RuleFilter, RuleRegistration
from solarhub.kit.errors import Invalid, NotFound, PreconditionRequired, Stale
from solarhub.kit.http import IfMatch, describe, tag
from solarhub.kit.paging import Listing
from solarhub.organizations.deps import TenantReading, TenantWriting
from solarhub.sites.deps import SiteToRead

router = APIRouter(prefix="/organizations/{organization_id}", tags=["alerts"])


@router.post(
    "/alert-rules",
    status_code=status.HTTP_201_CREATED,
    response_model=RuleAnswer,
    responses=describe(NotFound, Invalid),
    dependencies=[Depends(tell_evaluator, scope="function")],
)
async def register_alert_rule(
    organization_id: UUID, registration: RuleRegistration, session: TenantWriting, response: Response
) -> AlertRule:
    """Say what you want to be told."""
    rule = await rules.register(session, organization_id, registration)
    response.headers["Location"] = f"/api/v1/organizations/{organization_id}/alert-rules/{rule.id}"
    tag(response, rule.version)
    return rule


@router.get("/alert-rules", responses=describe(NotFound, Invalid))
async def list_alert_rules(wanted: Annotated[RuleFilter, Query()], session: TenantReading) -> Listing[RuleAnswer]:
    """The rules of an organization, by name."""
    rows, counted = await rule_queries.rules(session, wanted)
    return Listing.of([RuleAnswer.model_validate(row) for row in rows], counted, wanted)


@router.get("/alert-rules/{rule_id}", response_model=RuleAnswer, responses=describe(NotFound))
async def get_alert_rule(rule: RuleToRead, response: Response) -> AlertRule:
    """One rule; its ETag is what a change must name."""
    tag(response, rule.version)
    return rule


@router.patch(
    "/alert-rules/{rule_id}",
    response_model=RuleAnswer,
    responses=describe(NotFound, Stale, Invalid, PreconditionRequired),
    dependencies=[Depends(tell_evaluator, scope="function")],
)
async def change_alert_rule(
    rule: RuleToChange, wanted: RuleChange, expected: IfMatch, session: TenantWriting, response: Response
) -> AlertRule:
    """Change what is named; `condition` is replaced whole."""
    expected.check(rule.version)
    await rules.change(session, rule, wanted)
    tag(response, rule.version)
    return rule


@router.get("/alerts", responses=describe(NotFound, Invalid))
async def list_alerts(
    organization_id: UUID, wanted: Annotated[AlertFilter, Query()], session: TenantReading
) -> Listing[AlertAnswer]:
    """The alerts of an organization, newest first."""
    rows, counted = await reading.alerts(session, organization_id, wanted)
    return Listing.of([AlertAnswer.model_validate(row) for row in rows], counted, wanted)


@router.get("/sites/{site_id}/alerts", responses=describe(NotFound, Invalid))
async def list_site_alerts(
    site: SiteToRead, wanted: Annotated[AlertFilter, Query()], session: TenantReading
) -> Listing[AlertAnswer]:
    """The alerts of a site, newest first."""
    rows, counted = await reading.alerts(session, site.organization_id, wanted, site_id=site.id)
    return Listing.of([AlertAnswer.model_validate(row) for row in rows], counted, wanted)
