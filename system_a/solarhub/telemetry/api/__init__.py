"""Telemetry over HTTP: `doors` are for devices, `routers` for people.

`doors` stand under /api/v1 and know who sends by a device's credential; `routers` need a person.
"""

from solarhub.telemetry.api import charts, energy, export, found, live, own_metrics
from solarhub.telemetry.api.door import door
from solarhub.telemetry.api.reading import router

doors = (door,)
routers = (router, charts.router, energy.router, export.router, found.router, live.router, own_metrics.router)

__all__ = ["doors", "routers"]
