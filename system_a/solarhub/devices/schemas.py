"""Devices as requests name them and answers show them."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, GetJsonSchemaHandler, TypeAdapter
from pydantic_core import CoreSchema

from solarhub.devices.connection import ConnectionConfig, connection_config
from solarhub.devices.liveness import is_asleep, is_silent
from solarhub.devices.metadata import reporting_interval
from solarhub.devices.models import Device
from solarhub.devices.vocabulary import DeviceStatus, DeviceType, ProtocolType
from solarhub.kit.answers import Answer, Recorded, unchanged
from solarhub.kit.documents import JsonObject
from solarhub.kit.fields import Choice
from solarhub.kit.paging import Page
from solarhub.kit.texts import Text
from solarhub.kit.values import Value


class _ConnectionDocument(JsonObject):
    """Judged once the protocol is known; described as any of the five shapes."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return handler(TypeAdapter(ConnectionConfig).core_schema)


_NAME = Text(200)
_DESCRIPTION = Text(2000)
_LABEL = Text(100)
_CONNECTION = _ConnectionDocument(65_536)
_METADATA = JsonObject(16_384)


class DeviceRegistration(Value):
    """A device of a site. `connection_config` has the shape of its `protocol`; one that pushes over HTTP needs none.

    `metadata.reporting_interval_seconds` (default 60) says how long its silence may last.
    """

    site_id: UUID
    name: Annotated[str, _NAME]
    description: Annotated[str, _DESCRIPTION] | None = None
    device_type: Annotated[DeviceType, Choice(DeviceType)]
    manufacturer: Annotated[str, _LABEL] | None = None
    model: Annotated[str, _LABEL] | None = None
    serial_number: Annotated[str, _LABEL] | None = None
    firmware_version: Annotated[str, _LABEL] | None = None
    protocol: Annotated[ProtocolType, Choice(ProtocolType)]
    connection_config: Annotated[dict[str, Any], _CONNECTION] | None = None
    metadata: Annotated[dict[str, Any], _METADATA] = Field(default_factory=dict)


class DeviceChange(Value):
    """A merge patch: what is left out stays; `connection_config` and `metadata` are replaced whole.

    A new protocol needs its `connection_config`. People set two statuses: maintenance, and unknown to end it; the
    others are what the hub hears.
    """

    site_id: UUID = unchanged()
    name: Annotated[str, _NAME] = unchanged()
    description: Annotated[str, _DESCRIPTION] | None = unchanged()
    device_type: Annotated[DeviceType, Choice(DeviceType)] = unchanged()
    manufacturer: Annotated[str, _LABEL] | None = unchanged()
    model: Annotated[str, _LABEL] | None = unchanged()
    serial_number: Annotated[str, _LABEL] | None = unchanged()
    firmware_version: Annotated[str, _LABEL] | None = unchanged()
    protocol: Annotated[ProtocolType, Choice(ProtocolType)] = unchanged()
    connection_config: Annotated[dict[str, Any], _CONNECTION] = unchanged()
    status: Literal["maintenance", "unknown"] = unchanged()
    metadata: Annotated[dict[str, Any], _METADATA] = unchanged()


class DeviceFilter(Page):
    """Query parameters of the list of devices."""

    site_id: UUID | None = None
    status: DeviceStatus | None = None
    device_type: DeviceType | None = None


class DeviceAnswer(Recorded):
    """A device. Secrets of its connection are never shown.

    `asleep`: silent because the sun is down, which is no fault; `status` then keeps its last value. `last_seen_at`
    moves in steps of some minutes; the age of single readings is under `latest`.
    """

    organization_id: UUID
    site_id: UUID
    name: str
    description: str | None
    device_type: DeviceType
    manufacturer: str | None
    model: str | None
    serial_number: str | None
    firmware_version: str | None
    protocol: ProtocolType
    connection_config: dict[str, Any]
    status: DeviceStatus
    asleep: bool
    last_seen_at: datetime | None
    last_error: str | None
    metadata: dict[str, Any]

    @classmethod
    def of(
        cls,
        device: Device,
        *,
        last_received_at: datetime | None,
        plant_kind: str | None,
        latitude: float,
        longitude: float,
        now: datetime,
    ) -> Self:
        """`plant_kind`, `latitude` and `longitude` (degrees) are its site's."""
        silent = last_received_at is not None and is_silent(
            last_received_at, reporting_interval(device.device_metadata), now
        )
        shape = connection_config(device.protocol)
        columns = {name: getattr(device, name) for name in cls.model_fields if hasattr(device, name)}
        return cls.model_validate(
            columns
            | {
                "connection_config": shape.from_stored(device.connection_config).to_public(),
                "metadata": device.device_metadata,
                "asleep": silent and is_asleep(device.device_type, plant_kind, latitude, longitude, now),
            }
        )


class DeviceTokenAnswer(Answer):
    """A new token, shown this once: the hub keeps its hash alone."""

    token: str
