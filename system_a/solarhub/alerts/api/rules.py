"""What somebody wants to be told, over HTTP."""

from typing import Annotated

from fastapi import Depends, Query, Response, status
from fastapi.responses import StreamingResponse

from solarhub.alerts import rules
from solarhub.alerts.deps import RuleToChange, RuleToRead, tell_evaluator
from solarhub.alerts.models import AlertRule
from solarhub.alerts.queries import rules as queries
from solarhub.alerts.schemas import RuleAnswer, RuleChange, RuleFilter, RuleRegistration, RuleSelection
from solarhub.kit.errors import Conflict, Invalid, NotFound, PreconditionRequired, Stale, Unreadable
from solarhub.kit.http import IfMatch, Router, describe, tag
from solarhub.kit.http.exports import AS_FILE, FORMAT, ExportFormat, answers_of, export
from solarhub.kit.paging import Listing
from solarhub.organizations.deps import Here, TenantReading, TenantStream, TenantWriting, needs
from solarhub.organizations.roles import Permission

router = Router(prefix="/organizations/{organization_id}/alert-rules", tags=["alert rules"])

_READING = needs(Permission.RULES_READ)
_CHANGING = needs(Permission.RULES_CHANGE)
_EDITS = [Depends(tell_evaluator, scope="function")]


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=RuleAnswer,
    responses=describe(Unreadable, NotFound, Conflict, Invalid),
    openapi_extra=_CHANGING,
    dependencies=_EDITS,
)
async def register_alert_rule(
    registration: RuleRegistration, here: Here, session: TenantWriting, response: Response
) -> AlertRule:
    """Say what you want to be told. Whoever was lent a plant makes rules for that plant."""
    rule = await rules.register(session, here, registration)
    response.headers["Location"] = f"/api/v1/organizations/{rule.organization_id}/alert-rules/{rule.id}"
    tag(response, rule.version)
    return rule


@router.get("", responses=describe(NotFound, Invalid), openapi_extra=_READING)
async def list_alert_rules(wanted: Annotated[RuleFilter, Query()], session: TenantReading) -> Listing[RuleAnswer]:
    """The rules of an organization, by name."""
    rows, counted = await queries.rules(session, wanted)
    return Listing.of([RuleAnswer.model_validate(row) for row in rows], counted, wanted)


class _Export(RuleSelection):
    format: Annotated[ExportFormat, FORMAT]


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses=AS_FILE | describe(NotFound, Invalid),
    openapi_extra=_READING,
)
async def export_alert_rules(wanted: Annotated[_Export, Query()], stream: TenantStream) -> StreamingResponse:
    """All of the selected rules, by name, as a file."""
    answers = answers_of(stream, lambda session: queries.every_rule(session, wanted), RuleAnswer.model_validate)
    return export("alert-rules", answers, RuleAnswer, wanted.format)


@router.get("/{rule_id}", response_model=RuleAnswer, responses=describe(NotFound), openapi_extra=_READING)
async def get_alert_rule(rule: RuleToRead, response: Response) -> AlertRule:
    """One rule; its ETag is what a change must name."""
    tag(response, rule.version)
    return rule


@router.patch(
    "/{rule_id}",
    response_model=RuleAnswer,
    responses=describe(Unreadable, NotFound, Stale, Invalid, PreconditionRequired),
    openapi_extra=_CHANGING,
    dependencies=_EDITS,
)
async def change_alert_rule(
    rule: RuleToChange, wanted: RuleChange, expected: IfMatch, *, here: Here, session: TenantWriting, response: Response
) -> AlertRule:
    """Change what is named; `condition` is replaced whole."""
    expected.check(rule.version)
    await rules.change(session, here, rule, wanted)
    tag(response, rule.version)
    return rule


@router.delete(
    "/{rule_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=describe(Unreadable, NotFound, Stale, PreconditionRequired),
    openapi_extra=_CHANGING,
    dependencies=_EDITS,
)
async def remove_alert_rule(rule: RuleToChange, expected: IfMatch, session: TenantWriting) -> None:
    """Take a rule away: it fires no more, its open alerts are resolved, its past stays readable."""
    expected.check(rule.version)
    await rules.remove(session, rule)


@router.post(
    "/{rule_id}/switch-off",
    response_model=RuleAnswer,
    responses=describe(NotFound, Conflict),
    openapi_extra=_CHANGING,
    dependencies=_EDITS,
)
async def switch_alert_rule_off(rule: RuleToChange, session: TenantWriting, response: Response) -> AlertRule:
    """Let a rule rest: it fires no more, and its open alerts stay for a person. 409 for one that is off."""
    await rules.switch(session, rule, on=False)
    tag(response, rule.version)
    return rule


@router.post(
    "/{rule_id}/switch-on",
    response_model=RuleAnswer,
    responses=describe(NotFound, Conflict),
    openapi_extra=_CHANGING,
    dependencies=_EDITS,
)
async def switch_alert_rule_on(rule: RuleToChange, session: TenantWriting, response: Response) -> AlertRule:
    """Put a rule in force again, from the next reading on. 409 for one that is on."""
    await rules.switch(session, rule, on=True)
    tag(response, rule.version)
    return rule
