"""Which devices are wanted: the query parameters of their list and its export."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from solarhub.devices.vocabulary import DeviceStatus, DeviceType, ProtocolType
from solarhub.kit.paging import Page
from solarhub.kit.texts import Text


class DeviceSort(StrEnum):
    """The order of a list of devices; a minus turns it round. Those that were never seen count as seen longest ago."""

    NAME = "name"
    NAME_DOWN = "-name"
    LAST_SEEN = "last_seen_at"
    LAST_SEEN_DOWN = "-last_seen_at"


class DeviceSelection(BaseModel):
    """Every condition that is given must hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    site_id: UUID | None = Field(default=None, title="Plant", description="Of one plant")
    status: DeviceStatus | None = Field(default=None, title="Status")
    device_type: DeviceType | None = Field(default=None, title="Kind of device")
    protocol: ProtocolType | None = Field(default=None, title="Protocol")
    manufacturer: Annotated[str, Text(100)] | None = Field(
        default=None, title="Manufacturer", description="The whole name, in capitals or not", examples=["Huawei"]
    )
    text: Annotated[str, Text(100)] | None = Field(
        default=None, title="Name or serial number", description="Found anywhere in them", examples=["roof"]
    )
    asleep: bool | None = Field(default=None, title="Asleep", description="Silent because the sun is down, or not")
    removed: bool = Field(
        default=False, title="Removed", description="Those that were removed, instead of those that are there"
    )
    sort: DeviceSort = Field(default=DeviceSort.NAME, title="Order")


class DeviceFilter(Page, DeviceSelection):
    """Query parameters of the list of devices."""
