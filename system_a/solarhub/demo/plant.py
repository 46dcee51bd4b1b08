"""A plant that was recorded: what is known of it, and what its devices said."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from solarhub.devices.vocabulary import DeviceType

Metrics: TypeAlias = dict[str, float | dict[str, float]]
"""Catalogue name -> value in the catalogue's unit, or -> channel -> value: what a device puts under `metrics`."""


@dataclass(frozen=True, slots=True)
class PlantDevice:
    """One device; `rated_kw` is None where power is not its business."""

    name: str
    device_type: DeviceType
    model: str
    rated_kw: float | None
    reporting_interval_seconds: int


@dataclass(frozen=True, slots=True)
class PlantSample:
    """What the device of that name reported at one instant (UTC)."""

    at: datetime
    device: str
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class Plant:
    """Facts of the site in the shapes of the API, its devices, and a way to read its recording.

    `rules_file` holds the rules that suit this plant, as the documents the API takes.
    `read` starts at the first sample each time; samples come in time order.
    """

    key: str
    name: str
    description: str
    address: dict[str, str]
    latitude: float
    longitude: float
    timezone: str
    configuration: dict[str, Any]
    credit: str
    devices: tuple[PlantDevice, ...]
    rules_file: Path
    read: Callable[[], Iterable[PlantSample]]
