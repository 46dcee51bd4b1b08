"""Plugs what stands upstairs into the hooks that lower rooms declare; used by the roots and by tests."""

from dataclasses import dataclass

from solarhub.alerts.evaluation import Evaluator
from solarhub.kit.db import Databases
from solarhub.telemetry.ingest import Ingest


@dataclass(frozen=True)
class Corridor:
    """From the door to the disk, and from there to the judge."""

    ingest: Ingest
    evaluator: Evaluator


def connect(databases: Databases, *, exclusive: bool) -> Corridor:
    """Every committed batch is judged. `exclusive`: no other hub works on this database."""
    evaluator = Evaluator(databases.worker, exclusive=exclusive)
    return Corridor(Ingest(databases.worker, evaluator.committed), evaluator)
