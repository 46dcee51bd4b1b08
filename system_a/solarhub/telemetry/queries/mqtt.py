"""SQL of the hub as a subscriber, in a worker's hands."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from solarhub.kit.db import Session
from solarhub.telemetry.models import MqttArrival, MqttIdentity

Arrival = sa.Row[datetime, bytes]
"""When a batch came, and the marks of its messages."""


async def identity(worker: Session, drawn: str) -> str:
    """What the hub is called at brokers: `drawn` where it has no name yet."""
    await worker.execute(insert(MqttIdentity).values(name=drawn).on_conflict_do_nothing())
    return (await worker.scalars(sa.select(MqttIdentity.name))).one()


async def arrivals(worker: Session, client_id: str) -> Sequence[Arrival]:
    """What may come again, the oldest first."""
    rows = await worker.execute(
        sa.select(MqttArrival.at, MqttArrival.marks).where(MqttArrival.client_id == client_id).order_by(MqttArrival.at)
    )
    return rows.all()


async def note_arrival(worker: Session, client_id: str, at: datetime, marks: bytes, *, forget_before: datetime) -> None:
    """Adds a batch, and forgets those of earlier ones that are acknowledged."""
    row = insert(MqttArrival).values(client_id=client_id, at=at, marks=marks)
    await worker.execute(row.on_conflict_do_nothing())  # a COMMIT whose answer was lost
    await worker.execute(
        sa.delete(MqttArrival).where(MqttArrival.client_id == client_id, MqttArrival.at < forget_before)
    )


async def forget_arrivals(worker: Session, before: datetime) -> None:
    """Of sessions that nobody goes on with."""
    await worker.execute(sa.delete(MqttArrival).where(MqttArrival.at < before))
