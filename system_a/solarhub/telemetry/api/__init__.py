"""Telemetry over HTTP: `doors` are for devices, `routers` for people.

`doors` stand under /api/v1 and know who sends by a device's credential; `routers` need a person. `foreign_doors` stand
where other products' clients look for them, and those of `doors_of_last_resort` behind everything else under /api/v1.
"""

from solarhub.telemetry.api import (
    charts,
    conflicts,
    energy,
    export,
    found,
    history_imports,
    influx,
    live,
    own_metrics,
    quarantine,
    thingsboard,
)
from solarhub.telemetry.api.door import door, take_telemetry
from solarhub.telemetry.api.reading import router
from solarhub.telemetry.api.straight import ways

doors = (door,)
foreign_doors = (influx.door,)
doors_of_last_resort = (thingsboard.door,)
"""Their first part may be anything, so that they must not stand before a path that is named."""
routers = (
    router,
    charts.router,
    conflicts.router,
    energy.router,
    export.router,
    found.router,
    history_imports.router,
    live.router,
    quarantine.router,
    own_metrics.router,
)

__all__ = [
    "doors",
    "doors_of_last_resort",
    "foreign_doors",
    "history_imports",
    "influx",
    "routers",
    "take_telemetry",
    "thingsboard",
    "ways",
]
