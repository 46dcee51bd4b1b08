"""The device of the path, in the organization of the path."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from solarhub.devices import registry
from solarhub.devices.models import Device
from solarhub.organizations.deps import TenantReading, TenantWriting


async def _device_to_read(device_id: UUID, session: TenantReading) -> Device:
    return await registry.find(session, device_id)


async def _device_to_change(device_id: UUID, session: TenantWriting) -> Device:
    return await registry.find_to_change(session, device_id)


DeviceToRead = Annotated[Device, Depends(_device_to_read, scope="function")]
DeviceToChange = Annotated[Device, Depends(_device_to_change, scope="function")]
