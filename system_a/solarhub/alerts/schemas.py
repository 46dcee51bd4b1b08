"""Alert rules and alerts as requests name them and answers show them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from solarhub.alerts.condition import Condition
from solarhub.alerts.vocabulary import AlertSeverity, AlertStatus, Channel
from solarhub.kit.answers import Public, Recorded, unchanged
from solarhub.kit.fields import Choice, Flag, Several, Whole
from solarhub.kit.paging import Page
from solarhub.kit.texts import Text
from solarhub.kit.values import Value

_NAME = Text(200)
_DESCRIPTION = Text(2000)
_COOLDOWN = Whole(0, 10_080, "minutes")
_CHANNELS = Several(len(Channel), unique=True)

Channels = Annotated[tuple[Annotated[Channel, Choice(Channel)], ...], _CHANNELS]


class RuleRegistration(Value):
    """What somebody wants to be told: of every device in the organization, or in one site of it."""

    name: Annotated[str, _NAME]
    description: Annotated[str, _DESCRIPTION] | None = None
    site_id: UUID | None = None
    condition: Condition
    severity: Annotated[AlertSeverity, Choice(AlertSeverity)]
    channels: Channels = Field(default=())
    is_active: Annotated[bool, Flag()] = True
    cooldown_minutes: Annotated[int, _COOLDOWN] = 0
    auto_resolve: Annotated[bool, Flag()] = True


class RuleChange(Value):
    """A merge patch: what is left out stays; `condition` is replaced whole."""

    name: Annotated[str, _NAME] = unchanged()
    description: Annotated[str, _DESCRIPTION] | None = unchanged()
    site_id: UUID | None = unchanged()
    condition: Condition = unchanged()
    severity: Annotated[AlertSeverity, Choice(AlertSeverity)] = unchanged()
    channels: Channels = unchanged()
    is_active: Annotated[bool, Flag()] = unchanged()
    cooldown_minutes: Annotated[int, _COOLDOWN] = unchanged()
    auto_resolve: Annotated[bool, Flag()] = unchanged()


class RuleFilter(Page):
    """Query parameters of the list of rules."""

    site_id: UUID | None = None
    is_active: bool | None = None


class RuleAnswer(Recorded):
    """A rule. `site_id` null: it watches every site of the organization."""

    organization_id: UUID
    site_id: UUID | None
    name: str
    description: str | None
    condition: Public[Condition]
    severity: AlertSeverity
    channels: list[str]
    is_active: bool
    cooldown_minutes: int
    auto_resolve: bool


class AlertFilter(Page):
    """Query parameters of the lists of alerts; each may be given several times."""

    status: list[AlertStatus] = Field(default=[])
    severity: list[AlertSeverity] = Field(default=[])


class AlertAnswer(Recorded):
    """One breach that somebody is told of. Times are the samples' own; `metric_value` is in the catalogue's unit."""

    organization_id: UUID
    rule_id: UUID
    site_id: UUID
    device_id: UUID | None
    severity: AlertSeverity
    status: AlertStatus
    title: str
    message: str
    metric_name: str | None
    metric_value: float | None
    threshold_value: float | None
    triggered_at: datetime
    acknowledged_by: UUID | None
    acknowledged_at: datetime | None
    resolved_by: UUID | None
    resolved_at: datetime | None
    notifications_sent: list[str]
    escalated: bool
    escalated_at: datetime | None
