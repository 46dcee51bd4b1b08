"""Devices as requests name them and answers show them."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, GetJsonSchemaHandler, TypeAdapter
from pydantic_core import CoreSchema

from solarhub.devices.connection import ConnectionConfig
from solarhub.devices.liveness import is_asleep, is_silent
from solarhub.devices.metadata import reporting_interval
from solarhub.devices.models import Device
from solarhub.devices.secrets import hidden
from solarhub.devices.vocabulary import DeviceStatus, DeviceType, ProtocolType
from solarhub.kit.answers import Recorded, unchanged
from solarhub.kit.documents import JsonObject
from solarhub.kit.fields import Choice
from solarhub.kit.texts import Text
from solarhub.kit.values import Value


class _ConnectionDocument(JsonObject):
    """Judged once the protocol is known; described as any of the five shapes."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return handler(TypeAdapter(ConnectionConfig).core_schema)


_MODBUS: dict[str, Any] = {"host": "192.168.1.100", "port": 502, "slave_id": 1, "timeout_seconds": 5}

_SITE = Field(title="Plant", description="The plant it stands at", examples=["0197a8c0-5b0e-7c3a-9d54-2f1f6f0c7a11"])
_NAME = Field(title="Name", examples=["Inverter 1"])
_DESCRIPTION = Field(title="Description", examples=["North roof, behind the water tank"])
_TYPE = Field(title="Kind of device", examples=["inverter"])
_MANUFACTURER = Field(title="Manufacturer", examples=["Huawei"])
_MODEL = Field(title="Model", description="As on the type plate", examples=["SUN2000-100KTL"])
_SERIAL = Field(
    title="Serial number",
    description="As on the type plate; unique on the whole hub. One that is taken can be claimed",
    examples=["HV2140123456"],
)
_FIRMWARE = Field(title="Firmware version", examples=["V100R001C00"])
_PROTOCOL = Field(title="Protocol", description="How the hub and the device speak", examples=["modbus_tcp"])
_METADATA = Field(
    title="Notes",
    description="Whatever you want to keep; `reporting_interval_seconds` (default 60) says how long silence may last,"
    " `rated_power_kw` what is plausible",
    examples=[{"reporting_interval_seconds": 300, "rated_power_kw": 100}],
)
_GATEWAY = Field(
    title="Gateway that speaks for it",
    description="The id of a gateway of the organization: what it sends under this device's id, serial number or name"
    " is taken as this device's",
    examples=["0197a8c1-0d2b-7d11-a2b0-6a6a1f9d1c02"],
)
_HOW_REACHED = "How it is reached: address, port and what else its protocol asks for."
_REACHED = Field(
    title="Connection",
    description=f"{_HOW_REACHED} One that pushes over HTTP needs none. Secrets are sealed and never shown again",
    examples=[_MODBUS],
)
_REACHED_ANEW = Field(
    title="Connection",
    description=f"{_HOW_REACHED} Replaced whole. A secret (`password`, `headers`, `secrets`) is write-only: given back"
    ' as `{"set": true}` it stays what it is, as null or left out it is removed',
    examples=[_MODBUS],
)

_Name = Annotated[str, Text(200)]
_Long = Annotated[str, Text(2000)]
_Label = Annotated[str, Text(100)]
_Type = Annotated[DeviceType, Choice(DeviceType)]
_Protocol = Annotated[ProtocolType, Choice(ProtocolType)]
_Connection = Annotated[dict[str, Any], _ConnectionDocument(65_536)]
_Notes = Annotated[dict[str, Any], JsonObject(16_384)]


class DeviceRegistration(Value):
    """A device of a plant. `connection_config` has the shape of its `protocol`."""

    site_id: Annotated[UUID, _SITE]
    name: Annotated[_Name, _NAME]
    description: Annotated[_Long | None, _DESCRIPTION] = None
    device_type: Annotated[_Type, _TYPE]
    manufacturer: Annotated[_Label | None, _MANUFACTURER] = None
    model: Annotated[_Label | None, _MODEL] = None
    serial_number: Annotated[_Label | None, _SERIAL] = None
    firmware_version: Annotated[_Label | None, _FIRMWARE] = None
    protocol: Annotated[_Protocol, _PROTOCOL]
    connection_config: Annotated[_Connection | None, _REACHED] = None
    gateway_id: Annotated[UUID | None, _GATEWAY] = None
    metadata: Annotated[_Notes, _METADATA] = Field(default_factory=dict)


class DeviceChange(Value):
    """A merge patch: what is left out stays; `connection_config` and `metadata` are replaced whole.

    A new protocol needs its `connection_config`. People set two statuses: maintenance, and unknown to end it; the
    others are what the hub hears.
    """

    site_id: Annotated[UUID, _SITE] = unchanged()
    name: Annotated[_Name, _NAME] = unchanged()
    description: Annotated[_Long | None, _DESCRIPTION] = unchanged()
    device_type: Annotated[_Type, _TYPE] = unchanged()
    manufacturer: Annotated[_Label | None, _MANUFACTURER] = unchanged()
    model: Annotated[_Label | None, _MODEL] = unchanged()
    serial_number: Annotated[_Label | None, _SERIAL] = unchanged()
    firmware_version: Annotated[_Label | None, _FIRMWARE] = unchanged()
    protocol: Annotated[_Protocol, _PROTOCOL] = unchanged()
    connection_config: Annotated[_Connection, _REACHED_ANEW] = unchanged()
    gateway_id: Annotated[UUID | None, _GATEWAY] = unchanged()
    status: Annotated[Literal["maintenance", "unknown"], Field(title="Status", examples=["maintenance"])] = unchanged()
    metadata: Annotated[_Notes, _METADATA] = unchanged()


class DeviceMaintenance(Value):
    """From now on nobody is told of the device's silence."""

    until: AwareDatetime | None = Field(
        default=None,
        title="Until",
        description="When it ends by itself, with a time zone and at most a year from now; without it somebody ends it",
        examples=["2026-06-01T17:00:00+05:00"],
    )
    note: Annotated[str, Text(500)] | None = Field(
        default=None, title="Why", description="Kept in the audit log", examples=["Fan is being replaced"]
    )


class Replacement(Value):
    """What stands in the old device's place. What is left out is as it was, except number and firmware: they are new.

    The old one's secrets are kept too, unless `connection_config` says otherwise.
    """

    name: Annotated[_Name, _NAME] = unchanged()
    description: Annotated[_Long | None, _DESCRIPTION] = unchanged()
    manufacturer: Annotated[_Label | None, _MANUFACTURER] = unchanged()
    model: Annotated[_Label | None, _MODEL] = unchanged()
    serial_number: Annotated[_Label | None, _SERIAL] = None
    firmware_version: Annotated[_Label | None, _FIRMWARE] = None
    connection_config: Annotated[_Connection, _REACHED_ANEW] = unchanged()
    metadata: Annotated[_Notes, _METADATA] = unchanged()


class DeviceAnswer(Recorded):
    """A device.

    `asleep`: silent because the sun is down, which is no fault; `status` then keeps its last value. `last_seen_at`
    moves in steps of some minutes; the age of single readings is under `latest`.
    """

    organization_id: UUID = Field(title="Organization")
    site_id: Annotated[UUID, _SITE]
    name: Annotated[str, _NAME]
    description: Annotated[str | None, _DESCRIPTION]
    device_type: Annotated[DeviceType, _TYPE]
    manufacturer: Annotated[str | None, _MANUFACTURER]
    model: Annotated[str | None, _MODEL]
    serial_number: Annotated[str | None, _SERIAL]
    firmware_version: Annotated[str | None, _FIRMWARE]
    protocol: Annotated[ProtocolType, _PROTOCOL]
    connection_config: dict[str, Any] | None = Field(
        title="Connection",
        description='How it is reached, each secret as `{"set": true}`; null without the right `devices:connection`',
        examples=[_MODBUS],
    )
    status: DeviceStatus = Field(title="Status", examples=["online"])
    asleep: bool = Field(title="Asleep")
    maintenance_until: datetime | None = Field(title="In maintenance until")
    last_seen_at: datetime | None = Field(title="Last seen")
    last_error: str | None = Field(title="Last error")
    metadata: Annotated[dict[str, Any], _METADATA]
    gateway_id: Annotated[UUID | None, _GATEWAY]
    replaces: UUID | None = Field(title="Replaces", description="The removed device whose place it took")
    replaced_by: UUID | None = Field(title="Replaced by", description="The device that took its place")
    removed_at: datetime | None = Field(title="Removed", description="Its history can still be asked for")

    @classmethod
    def of(
        cls,
        device: Device,
        *,
        last_received_at: datetime | None,
        plant_kind: str | None,
        latitude: float,
        longitude: float,
        replaced_by: UUID | None,
        with_connection: bool,
        now: datetime,
    ) -> Self:
        """`plant_kind`, `latitude` and `longitude` (degrees) are its site's."""
        silent = last_received_at is not None and is_silent(
            last_received_at, reporting_interval(device.device_metadata), now
        )
        columns = {name: getattr(device, name) for name in cls.model_fields if hasattr(device, name)}
        return cls.model_validate(
            columns
            | {
                "connection_config": hidden(device.connection_config) if with_connection else None,
                "metadata": device.device_metadata,
                "asleep": silent and is_asleep(device.device_type, plant_kind, latitude, longitude, now),
                "replaced_by": replaced_by,
            }
        )
