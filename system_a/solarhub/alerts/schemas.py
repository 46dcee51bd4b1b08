"""Alert rules and alerts as requests name them and answers show them."""

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from solarhub.alerts.condition import Condition
from solarhub.alerts.vocabulary import Act, AlertSeverity, AlertStatus, Channel, Order
from solarhub.kit.answers import Answer, Public, Recorded, unchanged
from solarhub.kit.fields import Choice, Flag, Several, Whole
from solarhub.kit.paging import ByTime, CursorPage, Page
from solarhub.kit.texts import Text
from solarhub.kit.values import Value
from solarhub.notifications.vocabulary import State, Way

# ------------------------------------------------------------------------------------------------------------- rules

_CHANNELS_MEANING = (
    "`email`: members and guests of the plant who want e-mail; `webhook`: every webhook of the organization. The other "
    "ways are kept and not served yet. Without any nobody is told, and alerts are only listed."
)

_Name = Annotated[str, Text(200), Field(title="Name", examples=["Low power"])]
_Description = Annotated[
    Annotated[str, Text(2000)] | None, Field(title="What it is for", examples=["As agreed with the owner"])
]
_Site = Annotated[
    UUID | None, Field(title="Plant; null: all of them", examples=["0197a8c0-5b0e-7c3a-9d54-2f1f6f0c7a11"])
]
_Severity = Annotated[AlertSeverity, Choice(AlertSeverity), Field(title="How bad it is", examples=["warning"])]
_Channels = Annotated[
    tuple[Annotated[Channel, Choice(Channel)], ...],
    Several(len(Channel), unique=True),
    Field(title="Ways to tell people", description=_CHANNELS_MEANING, examples=[["email"]]),
]
_IsActive = Annotated[bool, Flag(), Field(title="Switched on", examples=[True])]
_Cooldown = Annotated[
    int,
    Whole(0, 10_080, "minutes"),
    Field(title="Minutes before it may fire again on the same device", examples=[60]),
]
_AutoResolve = Annotated[
    bool, Flag(), Field(title="The first good reading ends the alert; otherwise a person does", examples=[True])
]
_Watched = Annotated[
    Condition,
    Field(
        title="What is watched",
        examples=[
            {
                "metric": "power_output",
                "operator": "lt",
                "threshold": 10.0,
                "duration_seconds": 300,
                "device_type": "inverter",
                "when": "daylight",
            }
        ],
    ),
]


class RuleRegistration(Value):
    """What somebody wants to be told: of every device in the organization, or in one site of it."""

    name: _Name
    description: _Description = None
    site_id: _Site = None
    condition: _Watched
    severity: _Severity
    channels: _Channels = ()
    is_active: _IsActive = True
    cooldown_minutes: _Cooldown = 0
    auto_resolve: _AutoResolve = True


class RuleChange(Value):
    """A merge patch: what is left out stays; `condition` is replaced whole."""

    name: _Name = unchanged()
    description: _Description = unchanged()
    site_id: _Site = unchanged()
    condition: _Watched = unchanged()
    severity: _Severity = unchanged()
    channels: _Channels = unchanged()
    is_active: _IsActive = unchanged()
    cooldown_minutes: _Cooldown = unchanged()
    auto_resolve: _AutoResolve = unchanged()


class RuleSelection(BaseModel):
    """Which rules are meant; what may be given several times is joined by "or"."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    site_id: UUID | None = Field(default=None, title="Rules for this plant alone")
    is_active: bool | None = Field(default=None, title="Switched on or off")
    severity: list[AlertSeverity] = Field(default=[], title="How bad it is")


class RuleFilter(RuleSelection, Page):
    """Query parameters of the list of rules."""


class RuleAnswer(Recorded):
    """A rule. `site_id` null: it watches every site of the organization."""

    organization_id: Annotated[UUID, Field(title="Organization")]
    site_id: Annotated[UUID | None, Field(title="Plant; null: all of them")]
    name: Annotated[str, Field(title="Name")]
    description: Annotated[str | None, Field(title="What it is for")]
    condition: Annotated[Public[Condition], Field(title="What is watched")]
    severity: Annotated[AlertSeverity, Field(title="How bad it is")]
    channels: Annotated[list[str], Field(title="Ways to tell people", description=_CHANNELS_MEANING)]
    is_active: Annotated[bool, Field(title="Switched on")]
    cooldown_minutes: Annotated[int, Field(title="Minutes before it may fire again on the same device")]
    auto_resolve: Annotated[bool, Field(title="The first good reading ends the alert; otherwise a person does")]


# ------------------------------------------------------------------------------------------------------------ alerts

_Instant = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))]


class AlertSelection(BaseModel):
    """Which alerts are meant, and in which order; what may be given several times is joined by "or"."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: list[AlertStatus] = Field(default=[], title="State")
    severity: list[AlertSeverity] = Field(default=[], title="How bad it is")
    site_id: UUID | None = Field(default=None, title="Plant")
    device_id: UUID | None = Field(default=None, title="Device")
    rule_id: UUID | None = Field(default=None, title="Rule")
    since: _Instant | None = Field(
        default=None, title="Fired at or after", examples=["2026-06-01T00:00:00Z"], description="RFC 3339, with a zone"
    )
    until: _Instant | None = Field(
        default=None, title="Fired before", examples=["2026-07-01T00:00:00Z"], description="RFC 3339, with a zone"
    )
    sort: Order = Field(default=Order.NEWEST, title="By the time at which they fired")


class AlertFilter(AlertSelection, CursorPage[ByTime]):
    """Query parameters of the lists of alerts."""


class AlertAnswer(Recorded):
    """One breach that somebody is told of. Times are the samples' own; `metric_value` is in the catalogue's unit."""

    organization_id: Annotated[UUID, Field(title="Organization")]
    rule_id: Annotated[UUID, Field(title="Rule")]
    site_id: Annotated[UUID, Field(title="Plant")]
    device_id: Annotated[UUID | None, Field(title="Device; null: the whole plant")]
    severity: Annotated[AlertSeverity, Field(title="How bad it is")]
    status: Annotated[AlertStatus, Field(title="State")]
    title: Annotated[str, Field(title="What is wrong", examples=["Inverter 1: power output below 0.3 kW"])]
    message: Annotated[
        str,
        Field(
            title="One sentence for a person",
            examples=["Power output of Inverter 1 is 0.12 kW, below 0.3 kW for 5 minutes"],
        ),
    ]
    metric_name: Annotated[str | None, Field(title="What was measured", examples=["power_output"])]
    metric_value: Annotated[float | None, Field(title="Value when it fired, in the metric's unit", examples=[0.12])]
    threshold_value: Annotated[float | None, Field(title="Threshold, in the metric's unit", examples=[0.3])]
    triggered_at: Annotated[datetime, Field(title="Fired at")]
    acknowledged_by: Annotated[UUID | None, Field(title="User id of who sees to it")]
    acknowledged_at: Annotated[datetime | None, Field(title="Acknowledged at")]
    resolved_by: Annotated[UUID | None, Field(title="User id of who resolved it; null: a good reading did")]
    resolved_at: Annotated[datetime | None, Field(title="Resolved at")]
    notifications_sent: Annotated[
        list[str],
        Field(
            title="Who was told",
            description="`email:` and a user id, `webhook:` and its id; each once",
            examples=[["email:0197a8c0-5b0e-7c3a-9d54-2f1f6f0c7a11"]],
        ),
    ]
    escalated: Annotated[bool, Field(title="Escalated")]
    escalated_at: Annotated[datetime | None, Field(title="Escalated at")]


class NoteAnswer(Answer):
    """What somebody did with an alert, and what they wrote."""

    id: UUID
    act: Annotated[Act, Field(title="What was done")]
    note: Annotated[str | None, Field(title="What was written", examples=["Fuse of string 3 replaced"])]
    author_id: Annotated[UUID, Field(title="User id of who did it")]
    author_name: Annotated[str, Field(title="Who did it", examples=["Ayesha Khan"])]
    created_at: Annotated[datetime, Field(title="When")]


class DeliveryCounts(Answer):
    """How many messages about an alert went out, are on their way, or could not be delivered."""

    sent: Annotated[int, Field(title="Sent")] = 0
    waiting: Annotated[int, Field(title="On their way")] = 0
    failed: Annotated[int, Field(title="Could not be delivered")] = 0


class AlertDetail(AlertAnswer):
    """One alert with what people wrote about it, oldest first."""

    notes: Annotated[list[NoteAnswer], Field(title="Notes")]
    deliveries: Annotated[DeliveryCounts | None, Field(title="Messages about it; null for guests of the organization")]


class AlertNotification(Answer):
    """One message about an alert."""

    id: Annotated[UUID, Field(title="Id, also of every repetition")]
    event: Annotated[str, Field(title="About what", examples=["alert.opened"])]
    channel: Annotated[Way, Field(title="By which way")]
    user_id: Annotated[UUID | None, Field(title="User id of who is told; null for a webhook")]
    user_name: Annotated[str | None, Field(title="Who is told; null for a webhook", examples=["Ayesha Khan"])]
    recipient: Annotated[
        str | None,
        Field(
            title="E-mail address or webhook id; null without the right notifications:read",
            examples=["ayesha@example.com"],
        ),
    ]
    state: Annotated[State, Field(title="What became of it")]
    attempts: Annotated[int, Field(title="Attempts so far")]
    created_at: Annotated[datetime, Field(title="Decided at")]
    settled_at: Annotated[datetime | None, Field(title="Sent, or given up, at")]


class AlertCall(Answer):
    """The body of what a webhook is sent."""

    type: Annotated[Literal["alert.opened", "alert.closed"], Field(title="What happened")]
    timestamp: Annotated[datetime, Field(title="When it was decided to tell")]
    data: Annotated[AlertAnswer, Field(title="The alert as it was then")]


class Remark(Value):
    """What somebody wants to add to what they do."""

    note: Annotated[Annotated[str, Text(2000)] | None, Field(title="Note", examples=["On my way, there by noon"])] = (
        None
    )


class Comment(Value):
    """Something worth knowing about an alert."""

    note: Annotated[str, Text(2000), Field(title="Note", examples=["Load-shedding until five, says LESCO"])]
