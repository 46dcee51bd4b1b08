"""The three views of the schema document as answers show them."""

from datetime import datetime
from uuid import UUID

from solarhub.kit.answers import Answer
from solarhub.sites.vocabulary import SiteStatus


class ActiveAlertsSummary(Answer):
    """How many alerts of an organization are open, by status and by severity."""

    organization_id: UUID
    active_count: int = 0
    acknowledged_count: int = 0
    info_count: int = 0
    warning_count: int = 0
    critical_count: int = 0
    total_count: int = 0
    oldest_triggered_at: datetime | None = None
    newest_triggered_at: datetime | None = None


class DeviceStatusSummary(Answer):
    """How many devices of a site stand how."""

    organization_id: UUID
    site_id: UUID
    site_name: str
    online_count: int
    offline_count: int
    error_count: int
    maintenance_count: int
    unknown_count: int
    total_count: int


class SiteCapacity(Answer):
    """What is installed at a site: power in kW, energy in kWh."""

    organization_id: UUID
    site_id: UUID
    site_name: str
    status: SiteStatus
    timezone: str
    system_capacity_kw: float | None
    inverter_capacity_kw: float | None
    battery_capacity_kwh: float | None
    panel_count: int | None
    grid_connected: bool | None
    net_metering_enabled: bool | None
    plant_kind: str | None
    disco_provider: str | None
    tariff_category: str | None
    device_count: int
    inverter_count: int
    meter_count: int
    battery_count: int
