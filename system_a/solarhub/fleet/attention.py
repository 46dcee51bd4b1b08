"""What needs somebody, the most pressing first: pure rules over plants, their devices and their open alerts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from solarhub.alerts.vocabulary import AlertSeverity
from solarhub.fleet.concern import Attention, concern_of, ranked
from solarhub.fleet.plants import Plant
from solarhub.fleet.single_devices import alerts, silent_machines, weak_strings
from solarhub.fleet.vocabulary import AttentionKind
from solarhub.fleet.whole_plants import is_silent, maintenance, never_heard, silent_plants
from solarhub.sites.vocabulary import SiteStatus

ENDS_SOON = timedelta(days=7)
"""How long before its end a grant or a key is spoken of."""


@dataclass(frozen=True, slots=True)
class Ending:
    """A right that runs out at `until`: of the person or organization `who` at a plant, or of the key `who`."""

    site_id: UUID | None
    who: str
    until: datetime


def needs_attention(plants: Sequence[Plant], endings: Sequence[Ending], now: datetime) -> list[Attention]:
    """Of one organization's plants. Whole plants come before single devices; what night explains is left out."""
    watched = [plant for plant in plants if plant.situation.status is not SiteStatus.INACTIVE]
    found = [*silent_plants(watched, now), *never_heard(watched, now)]
    for plant in watched:
        if not is_silent(plant):
            open_alerts = list(alerts(plant, now))
            told = {device_id for item in open_alerts for device_id in item.device_ids}
            found += [*open_alerts, *silent_machines(plant, told), *weak_strings(plant, now)]
        found += maintenance(plant, now)
    found += _endings(plants, endings)
    return ranked(found)


def _endings(plants: Sequence[Plant], endings: Sequence[Ending]) -> Iterator[Attention]:
    by_id = {plant.situation.site_id: plant for plant in plants}
    for ending in endings:
        plant = by_id.get(ending.site_id) if ending.site_id is not None else None
        if plant is not None:
            item = concern_of(plant, AttentionKind.ACCESS_ENDING, AlertSeverity.INFO)
            yield replace(item, who=ending.who, until=ending.until, capacity_kw=0.0)
        elif ending.site_id is None and plants:
            item = concern_of(plants[0], AttentionKind.KEY_ENDING, AlertSeverity.INFO)
            yield replace(item, site_ids=(), plants=(), who=ending.who, until=ending.until, capacity_kw=0.0)
