"""The three views of the schema document as answers show them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from solarhub.kit.answers import Answer
from solarhub.kit.paging import Page
from solarhub.sites.vocabulary import SiteStatus

_ORGANIZATION = Field(title="Organization", examples=["0197a8bf-2f10-7a55-8c1e-5d0a4c1b2e90"])
_SITE = Field(title="Plant", examples=["0197a8c0-5b0e-7c3a-9d54-2f1f6f0c7a11"])
_NAME = Field(title="The plant's name", examples=["Gulberg roof"])
_Count = Annotated[int, Field(examples=[3])]


class SiteSelection(BaseModel):
    """Which plants are meant."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    site_id: UUID | None = Field(default=None, title="This plant alone")


class SiteFilter(SiteSelection, Page):
    """Query parameters of the views that have one row for each plant."""


class ActiveAlertsSummary(Answer):
    """How many alerts of an organization are open, by status and by severity."""

    organization_id: Annotated[UUID, _ORGANIZATION]
    active_count: Annotated[int, Field(title="Nobody has taken care of yet", examples=[4])] = 0
    acknowledged_count: Annotated[int, Field(title="Somebody takes care of", examples=[1])] = 0
    info_count: Annotated[int, Field(title="For information", examples=[0])] = 0
    warning_count: Annotated[int, Field(title="Warnings", examples=[3])] = 0
    critical_count: Annotated[int, Field(title="Critical", examples=[2])] = 0
    total_count: Annotated[int, Field(title="Open alerts", examples=[5])] = 0
    oldest_triggered_at: Annotated[
        datetime | None, Field(title="Since when the oldest is open", examples=["2026-06-21T07:00:00Z"])
    ] = None
    newest_triggered_at: Annotated[
        datetime | None, Field(title="Since when the newest is open", examples=["2026-06-21T09:30:00Z"])
    ] = None


class DeviceStatusSummary(Answer):
    """How many devices of a plant stand how."""

    organization_id: Annotated[UUID, _ORGANIZATION]
    site_id: Annotated[UUID, _SITE]
    site_name: Annotated[str, _NAME]
    online_count: Annotated[_Count, Field(title="Devices that report")]
    offline_count: Annotated[_Count, Field(title="Silent devices")]
    error_count: Annotated[_Count, Field(title="Devices with an error")]
    maintenance_count: Annotated[_Count, Field(title="Devices in maintenance")]
    unknown_count: Annotated[_Count, Field(title="Devices never heard")]
    total_count: Annotated[_Count, Field(title="Devices")]


class SiteCapacity(Answer):
    """What is installed at a plant: power in kW, energy in kWh."""

    organization_id: Annotated[UUID, _ORGANIZATION]
    site_id: Annotated[UUID, _SITE]
    site_name: Annotated[str, _NAME]
    status: Annotated[SiteStatus, Field(title="How the plant stands", examples=["active"])]
    timezone: Annotated[str, Field(title="Its clock", examples=["Asia/Karachi"])]
    system_capacity_kw: Annotated[float | None, Field(title="Panels (kW)", examples=[100.0])]
    inverter_capacity_kw: Annotated[float | None, Field(title="Inverters (kW)", examples=[90.0])]
    battery_capacity_kwh: Annotated[float | None, Field(title="Battery (kWh)", examples=[50.0])]
    panel_count: Annotated[int | None, Field(title="Number of panels", examples=[200])]
    grid_connected: Annotated[bool | None, Field(title="Connected to the grid", examples=[True])]
    net_metering_enabled: Annotated[bool | None, Field(title="Net metering", examples=[True])]
    plant_kind: Annotated[str | None, Field(title="On grid, hybrid or off grid", examples=["on_grid"])]
    disco_provider: Annotated[str | None, Field(title="Distribution company", examples=["lesco"])]
    tariff_category: Annotated[str | None, Field(title="Tariff", examples=["commercial_b2"])]
    device_count: Annotated[_Count, Field(title="Devices")]
    inverter_count: Annotated[_Count, Field(title="Inverters")]
    meter_count: Annotated[_Count, Field(title="Meters")]
    battery_count: Annotated[_Count, Field(title="Batteries")]
