"""The device of the path, in the organization of the path, and how much of it may be shown."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from solarhub.devices import registry
from solarhub.devices.models import Device
from solarhub.devices.queries.devices import Standing, standing
from solarhub.devices.schemas import DeviceAnswer
from solarhub.kit.clock import now
from solarhub.kit.db import Session
from solarhub.kit.errors import NotFound
from solarhub.kit.http import tag
from solarhub.organizations.deps import Here, TenantReading, TenantWriting
from solarhub.organizations.roles import Permission


async def _device_to_read(device_id: UUID, session: TenantReading) -> Device:
    return await registry.find(session, device_id)


async def _device_to_change(device_id: UUID, session: TenantWriting) -> Device:
    return await registry.find_to_change(session, device_id)


DeviceToRead = Annotated[Device, Depends(_device_to_read, scope="function")]
"""Also one that was removed: its history can be asked for."""

DeviceToChange = Annotated[Device, Depends(_device_to_change, scope="function")]
"""Locked; 409 for one that was removed."""

Show = Callable[[Standing], DeviceAnswer]
ShowOne = Callable[[Session, UUID], Awaitable[DeviceAnswer]]


async def _show(here: Here) -> Show:
    def show(row: Standing) -> DeviceAnswer:
        device, last_received_at, plant_kind, latitude, longitude, replaced_by = row
        return DeviceAnswer.of(
            device,
            last_received_at=last_received_at,
            plant_kind=plant_kind,
            latitude=latitude,
            longitude=longitude,
            replaced_by=replaced_by,
            with_connection=here.can(Permission.DEVICES_CONNECTION, device.site_id),
            now=now(),
        )

    return show


Shown = Annotated[Show, Depends(_show, scope="function")]
"""A device as whoever asks may see it: without `devices:connection` nothing is told of how it is reached."""


async def _show_one(show: Shown, response: Response) -> ShowOne:
    async def show_one(session: Session, device_id: UUID) -> DeviceAnswer:
        row = await standing(session, device_id)
        if row is None:
            raise NotFound
        tag(response, row[0].version)
        return show(row)

    return show_one


ShownOne = Annotated[ShowOne, Depends(_show_one, scope="function")]
"""The same of one device, read anew; the answer's ETag is its version."""
