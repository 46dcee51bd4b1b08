"""A device's tokens, as requests name them and answers show them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from solarhub.devices.schemas.device import DeviceAnswer
from solarhub.kit.answers import Answer
from solarhub.kit.fields import Whole
from solarhub.kit.values import Value


class Rotation(Value):
    """How a new token takes over from the one before."""

    overlap_hours: Annotated[int, Whole(0, 168, "hours")] = Field(
        default=24,
        title="Hours until the earlier token ends",
        description="So long both open the door; with 0 the earlier one ends at once",
        examples=[24],
    )


class DeviceTokenStanding(Answer):
    """A token that opens the door now. What it reads is shown when it is made, and never again."""

    id: UUID = Field(title="Id")
    created_at: datetime = Field(title="Made")
    expires_at: datetime | None = Field(
        title="Ends", description="When it ends because a newer one took over; null for the present one"
    )


class DeviceTokenAnswer(DeviceTokenStanding):
    """A new token, shown this once: the hub keeps its hash alone."""

    token: str = Field(
        title="Token",
        description="What the device sends: `Authorization: Bearer …`. At the hub's own MQTT broker it is its password;"
        " its user name is its id, and it publishes under `solarhub/{device_id}/`",
        examples=["shd_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
    )


class ReplacementAnswer(Answer):
    """The device that took a place, and the one that left it."""

    device: DeviceAnswer = Field(title="The new device")
    replaced: DeviceAnswer = Field(title="The one that was removed", description="Its history stays under its id")
    token: DeviceTokenAnswer | None = Field(
        title="The new device's token", description="Null for whoever may not issue tokens (`devices:credentials`)"
    )
