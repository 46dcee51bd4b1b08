"""Who is speaking, once the door has established it."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A device that has proven who it is; the keys stand for the ids in raw telemetry."""

    device_id: UUID
    organization_id: UUID
    organization_key: int
    device_key: int
    rated_kw: float | None = None
    """What its type plate says, from `metadata.rated_power_kw`; None where nobody has said."""
