"""A made-up fleet of the document's size: who belongs to whom, as row numbers, and everybody's id.

Organizations are skewed as customers are: the n-th largest has 1/n of what the largest has. Rows of one site lie
together, sites of different organizations lie mixed, as they would have come in over the years.
"""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]

NONE = -1
"""Stands for "no row" among row numbers."""

YEAR = 365 * 86_400.0


@dataclass(frozen=True)
class Size:
    """Rows per table."""

    users: int
    organizations: int
    organization_members: int
    sites: int
    devices: int
    alert_rules: int
    alerts: int

    def divided(self, by: int) -> "Size":
        return Size(*(getattr(self, table.name) // by for table in fields(self)))


DOCUMENT = Size(10_000, 1_000, 50_000, 10_000, 100_000, 10_000, 1_000_000)
"""The upper ends of "Row Estimate" in docs/schema.md."""


@dataclass(frozen=True)
class Ids:
    """Primary keys by row number, UUIDs of version 7 that carry the time the row was made."""

    users: list[UUID]
    organizations: list[UUID]
    sites: list[UUID]
    devices: list[UUID]
    rules: list[UUID]


@dataclass(frozen=True)
class Fleet:
    """Row numbers of owners and parents. `…_age` is how long ago the row was made, in seconds, oldest first."""

    now: datetime
    size: Size
    ids: Ids
    user_age: NDArray[np.float64]
    organization_age: NDArray[np.float64]
    site_age: NDArray[np.float64]
    owner: Numbers
    """User of each organization."""
    site_organization: Numbers
    device_site: Numbers
    rule_organization: Numbers
    rule_site: Numbers
    """NONE where a rule watches its whole organization."""

    @classmethod
    def made(cls, size: Size, now: datetime, seed: int = 2026) -> Self:
        """The same fleet for the same arguments."""
        rng = np.random.default_rng(seed)
        user_age = _ages(rng, size.users, 3 * YEAR)
        organization_age = _ages(rng, size.organizations, 3 * YEAR)
        site_age = _ages(rng, size.sites, 2.5 * YEAR)
        site_organization = rng.permutation(_spread(rng, size.sites, size.organizations))
        device_site = np.sort(_spread(rng, size.devices, size.sites, evenly=True))
        rule_organization = _spread(rng, size.alert_rules, size.organizations)
        rule_site = _sites_of(rng, rule_organization, site_organization)
        rule_site[: size.organizations] = NONE  # every organization has a rule for all its devices
        ids = Ids(
            users=ids_made(rng, now, user_age),
            organizations=ids_made(rng, now, organization_age),
            sites=ids_made(rng, now, site_age),
            devices=ids_made(rng, now, site_age[device_site]),
            rules=ids_made(rng, now, _ages(rng, size.alert_rules, 2 * YEAR)),
        )
        return cls(
            now=now,
            size=size,
            ids=ids,
            user_age=user_age,
            organization_age=organization_age,
            site_age=site_age,
            owner=rng.integers(0, size.users, size.organizations),
            site_organization=site_organization,
            device_site=device_site,
            rule_organization=rule_organization,
            rule_site=rule_site,
        )

    def at(self, seconds_ago: float) -> datetime:
        return self.now - timedelta(seconds=float(seconds_ago))

    def by_size(self) -> list[UUID]:
        """Organizations, the one with the most devices first."""
        devices = np.bincount(self.site_organization[self.device_site], minlength=self.size.organizations)
        return [self.ids.organizations[organization] for organization in np.argsort(-devices, kind="stable")]


def ids_made(rng: np.random.Generator, now: datetime, ages: NDArray[np.float64]) -> list[UUID]:
    """One UUID of version 7 for each age in seconds."""
    milliseconds = (now.timestamp() * 1000 - ages * 1000).astype(np.int64)
    first, second = rng.integers(0, 1 << 12, len(ages)), rng.integers(0, 1 << 62, len(ages))
    return [
        UUID(int=made << 80 | 0b0111 << 76 | high << 64 | 0b10 << 62 | low)
        for made, high, low in zip(milliseconds.tolist(), first.tolist(), second.tolist(), strict=True)
    ]


def shares(count: int) -> NDArray[np.float64]:
    """Zipf's law: the n-th has a share of 1/n of the first one's."""
    weights = 1 / np.arange(1, count + 1)
    portions: NDArray[np.float64] = weights / weights.sum()
    return portions


def _ages(rng: np.random.Generator, count: int, oldest: float) -> NDArray[np.float64]:
    ages: NDArray[np.float64] = np.sort(rng.uniform(86_400, oldest, count))
    return ages[::-1]


def _spread(rng: np.random.Generator, children: int, parents: int, *, evenly: bool = False) -> Numbers:
    """A parent for each child; the first children go round, so that no parent has none."""
    rest = rng.choice(parents, children - parents, p=None if evenly else shares(parents))
    return np.concatenate([np.arange(parents), rest])


def _sites_of(rng: np.random.Generator, organizations: Numbers, site_organization: Numbers) -> Numbers:
    """For each of `organizations` one of its sites, or NONE (four in ten)."""
    by_organization = np.argsort(site_organization, kind="stable")
    counts = np.bincount(site_organization)
    starts = np.cumsum(counts) - counts
    chosen = starts[organizations] + (rng.random(len(organizations)) * counts[organizations]).astype(np.int64)
    return np.where(rng.random(len(organizations)) < 0.4, NONE, by_organization[chosen])
