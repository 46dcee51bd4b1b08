"""Devices, their tokens and claims on their serial numbers, as requests name them and answers show them."""

from solarhub.devices.schemas.claim import (
    ClaimAnswer,
    ClaimFilter,
    ClaimRequestAnswer,
    ClaimSelection,
    ClaimWish,
    Proof,
    RequestFilter,
    RequestSelection,
)
from solarhub.devices.schemas.device import (
    DeviceAnswer,
    DeviceChange,
    DeviceMaintenance,
    DeviceRegistration,
    Replacement,
)
from solarhub.devices.schemas.listing import DeviceFilter, DeviceSelection, DeviceSort
from solarhub.devices.schemas.token import DeviceTokenAnswer, DeviceTokenStanding, ReplacementAnswer, Rotation

__all__ = [
    "ClaimAnswer",
    "ClaimFilter",
    "ClaimRequestAnswer",
    "ClaimSelection",
    "ClaimWish",
    "DeviceAnswer",
    "DeviceChange",
    "DeviceFilter",
    "DeviceMaintenance",
    "DeviceRegistration",
    "DeviceSelection",
    "DeviceSort",
    "DeviceTokenAnswer",
    "DeviceTokenStanding",
    "Proof",
    "Replacement",
    "ReplacementAnswer",
    "RequestFilter",
    "RequestSelection",
    "Rotation",
]
