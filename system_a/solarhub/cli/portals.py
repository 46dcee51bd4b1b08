"""Which maps of portals this hub reads exports by."""

from typing import TYPE_CHECKING

from solarhub.config import Settings, WrongSettings

if TYPE_CHECKING:
    from solarhub.telemetry.portals.loading import PortalMaps


def portal_maps_of(settings: Settings) -> "PortalMaps | None":
    """The operator's own and those of the hub; None: the hub's alone. Raises WrongSettings."""
    if settings.portal_maps_dir is None:
        return None
    from solarhub.telemetry.portals.loading import PortalMaps, WrongMap  # noqa: PLC0415 - heavy; most hubs have none

    try:
        return PortalMaps.load(settings.portal_maps_dir)
    except WrongMap as wrong:
        raise WrongSettings(f"SOLARHUB_PORTAL_MAPS_DIR cannot be used. {wrong}.") from None
