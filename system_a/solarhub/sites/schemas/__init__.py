"""Plants, grants and handovers as requests name them and answers show them."""

from solarhub.sites.schemas.site import (
    Decommissioning,
    DiscoAnswer,
    DiscoRegistration,
    Maintenance,
    SiteAnswer,
    SiteChange,
    SiteFilter,
    SiteRegistration,
    SiteSelection,
    SiteSort,
)

__all__ = [
    "Decommissioning",
    "DiscoAnswer",
    "DiscoRegistration",
    "Maintenance",
    "SiteAnswer",
    "SiteChange",
    "SiteFilter",
    "SiteRegistration",
    "SiteSelection",
    "SiteSort",
]
