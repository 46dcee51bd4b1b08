"""The overview as an answer shows it."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import ConfigDict, Field, JsonValue

from solarhub.alerts.vocabulary import AlertSeverity
from solarhub.devices.vocabulary import DeviceStatus
from solarhub.fleet.concern import Attention
from solarhub.fleet.plants import State
from solarhub.fleet.remedy import remedy
from solarhub.fleet.summary import Fleet
from solarhub.fleet.vocabulary import AttentionKind, Remedy
from solarhub.fleet.wording import Words
from solarhub.kit.answers import Answer

MOST_ITEMS = 200
"""Of `needs_attention`: more than anybody works through before they look again."""

_ID = "0197a8c0-5b0e-7c3a-9d54-2f1f6f0c7a11"
_EXAMPLE: dict[str, JsonValue] = {
    "kind": "plant_silent",
    "severity": "warning",
    "sentence": "Gulberg roof has been silent since 05:40: none of its 3 devices reports, while 291 other plants do.",
    "action": "Call the owner: has the router lost power?",
    "remedy": "call_about_power",
    "since": "2026-06-21T00:40:00Z",
    "until": None,
    "organization_id": "0197a8bf-2f10-7a55-8c1e-5d0a4c1b2e90",
    "site_ids": [_ID],
    "device_ids": ["0197a8c1-0d2b-7d11-a2b0-6a6a1f9d1c02"],
    "alert_ids": [],
}


class PlantCounts(Answer):
    """How many plants stand how; each plant is counted once, by the worst thing about it."""

    total: Annotated[int, Field(title="Plants", examples=[300])]
    critical: Annotated[int, Field(title="With a critical alert", examples=[2])]
    silent: Annotated[int, Field(title="Not reporting at all", examples=[3])]
    warning: Annotated[int, Field(title="With a warning", examples=[2])]
    partly_silent: Annotated[int, Field(title="With a silent device", examples=[1])]
    notice: Annotated[int, Field(title="With a notice", examples=[0])]
    waiting: Annotated[int, Field(title="Never heard", examples=[1])]
    maintenance: Annotated[int, Field(title="In maintenance", examples=[1])]
    asleep: Annotated[int, Field(title="Quiet because the sun is down", examples=[0])]
    working: Annotated[int, Field(title="Working", examples=[290])]
    inactive: Annotated[int, Field(title="Out of service", examples=[0])]


class DeviceCounts(Answer):
    """How many devices stand how. `asleep` are counted beside that: what sleeps keeps its last status."""

    total: Annotated[int, Field(title="Devices", examples=[1000])]
    online: Annotated[int, Field(title="Reporting", examples=[985])]
    offline: Annotated[int, Field(title="Silent", examples=[9])]
    error: Annotated[int, Field(title="With an error", examples=[1])]
    maintenance: Annotated[int, Field(title="In maintenance", examples=[3])]
    unknown: Annotated[int, Field(title="Never heard", examples=[2])]
    asleep: Annotated[int, Field(title="Quiet because the sun is down", examples=[0])]


class AlertCounts(Answer):
    """How many alerts are open."""

    total: Annotated[int, Field(title="Open alerts", examples=[7])]
    critical: Annotated[int, Field(title="Critical", examples=[2])]
    warning: Annotated[int, Field(title="Warnings", examples=[4])]
    info: Annotated[int, Field(title="For information", examples=[1])]


class AttentionAnswer(Answer):
    """One thing that needs somebody. The sentence and the action are in the language that was asked for."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [_EXAMPLE]})

    kind: Annotated[AttentionKind, Field(title="What it is")]
    severity: Annotated[AlertSeverity, Field(title="How bad it is")]
    sentence: Annotated[str, Field(title="What is wrong, since when, how it compares")]
    action: Annotated[str, Field(title="What to do about it")]
    remedy: Annotated[Remedy, Field(title="The same as a code")]
    since: Annotated[datetime | None, Field(title="Since when")]
    until: Annotated[datetime | None, Field(title="Until when")]
    organization_id: Annotated[UUID, Field(title="Organization")]
    site_ids: Annotated[list[UUID], Field(title="Plants")]
    device_ids: Annotated[list[UUID], Field(title="Devices")]
    alert_ids: Annotated[list[UUID], Field(title="Alerts")]

    @classmethod
    def of(cls, item: Attention, words: Words, now: datetime) -> Self:
        """In that language, as it is now."""
        return cls(
            kind=item.kind,
            severity=item.severity,
            sentence=words.sentence(item, now),
            action=words.action(item),
            remedy=remedy(item),
            since=item.since,
            until=item.until,
            organization_id=item.organization_id,
            site_ids=list(item.site_ids),
            device_ids=list(item.device_ids),
            alert_ids=list(item.alert_ids),
        )


class FleetAnswer(Answer):
    """Everything a dashboard opens with, in one answer."""

    as_of: Annotated[datetime, Field(title="As of", examples=["2026-06-21T02:30:00Z"])]
    plants: Annotated[PlantCounts, Field(title="Plants by how they stand")]
    devices: Annotated[DeviceCounts, Field(title="Devices by status")]
    alerts: Annotated[AlertCounts, Field(title="Open alerts by severity")]
    power_kw: Annotated[
        float | None,
        Field(
            title="Power now (kW)",
            description="Of the plants whose newest reading is current; null while none is, and it is not night.",
            examples=[1240.5],
        ),
    ]
    energy_today_kwh: Annotated[
        float | None,
        Field(title="Energy today (kWh)", description="Since midnight by each plant's clock.", examples=[3210.0]),
    ]
    capacity_kw: Annotated[float, Field(title="Installed panels (kW)", examples=[4100.0])]
    plants_without_capacity: Annotated[int, Field(title="Plants whose capacity is not entered", examples=[0])]
    needs_attention: Annotated[list[AttentionAnswer], Field(title="What needs somebody, the most pressing first")]
    needs_attention_total: Annotated[
        int, Field(title="How many things that are", description=f"At most {MOST_ITEMS} are listed.", examples=[9])
    ]

    second_factor_required_by: Annotated[
        list[UUID],
        Field(
            title="Organizations that ask for a second factor first",
            description="They are left out until you sign in with one.",
        ),
    ]

    @classmethod
    def of(cls, fleet: Fleet, words: Words) -> Self:
        """With its sentences in that language."""
        return cls(
            as_of=fleet.as_of,
            plants=PlantCounts(total=fleet.plants, **{state.name.lower(): fleet.states[state] for state in State}),
            devices=DeviceCounts(
                total=sum(fleet.devices.values()),
                asleep=fleet.asleep,
                **{status.value: fleet.devices[status] for status in DeviceStatus},
            ),
            alerts=AlertCounts(
                total=sum(fleet.alerts.values()),
                **{severity.value: fleet.alerts[severity] for severity in AlertSeverity},
            ),
            power_kw=_rounded(fleet.power_kw),
            energy_today_kwh=_rounded(fleet.energy_today_kwh),
            capacity_kw=round(fleet.capacity_kw, 3),
            plants_without_capacity=fleet.plants_without_capacity,
            needs_attention=[
                AttentionAnswer.of(item, words, fleet.as_of) for item in fleet.needs_attention[:MOST_ITEMS]
            ],
            needs_attention_total=len(fleet.needs_attention),
            second_factor_required_by=list(fleet.locked),
        )


def _rounded(value: float | None) -> float | None:
    """To the watt: what is behind it comes of adding up."""
    return None if value is None else round(value, 3)
