"""The rule and the alert of the path, and whom to tell when rules were edited."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from solarhub.alerts import rules, triage
from solarhub.alerts.models import Alert, AlertRule
from solarhub.kit.db import after_commit
from solarhub.organizations.deps import TenantReading, TenantWriting


async def _rule_to_read(rule_id: UUID, session: TenantReading) -> AlertRule:
    return await rules.find(session, rule_id)


async def _rule_to_change(rule_id: UUID, session: TenantWriting) -> AlertRule:
    return await rules.find_to_change(session, rule_id)


RuleToRead = Annotated[AlertRule, Depends(_rule_to_read, scope="function")]
RuleToChange = Annotated[AlertRule, Depends(_rule_to_change, scope="function")]


async def _alert_to_read(alert_id: UUID, session: TenantReading) -> Alert:
    return await triage.find(session, alert_id)


async def _alert_to_move(alert_id: UUID, session: TenantWriting) -> Alert:
    return await triage.find_to_move(session, alert_id)


AlertToRead = Annotated[Alert, Depends(_alert_to_read, scope="function")]
AlertToMove = Annotated[Alert, Depends(_alert_to_move, scope="function")]


async def tell_evaluator(request: Request, session: TenantWriting) -> None:
    """Once this request has committed, the evaluator of this process looks at the rules again."""
    rules_edited: Callable[[], None] = request.app.state.rules_edited
    after_commit(session, rules_edited)
