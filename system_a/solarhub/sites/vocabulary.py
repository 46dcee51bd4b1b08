"""The words of sites: the database's enum first, then the choices inside `sites.configuration`."""

from enum import StrEnum


class SiteStatus(StrEnum):
    """`site_status`."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    MAINTENANCE = "maintenance"
    DECOMMISSIONED = "decommissioned"


class PlantKind(StrEnum):
    """How a plant stands to the grid; a hybrid has both a grid and a battery."""

    ON_GRID = "on_grid"
    HYBRID = "hybrid"
    OFF_GRID = "off_grid"


class ExportMode(StrEnum):
    """How much the plant may send to the grid; `none` is a plant that has no path to export at all."""

    FULL = "full"
    LIMITED = "limited"
    ZERO = "zero"
    NONE = "none"


class BillingRegime(StrEnum):
    """Under which rules exported energy is paid: of a site's agreement, not of the country."""

    NET_METERING_2015 = "net_metering_2015"
    NET_BILLING_2026 = "net_billing_2026"
    GROSS = "gross"
    NONE = "none"
