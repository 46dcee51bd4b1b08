"""Metrics that an organization adds for itself, without a migration and without waiting for anybody."""

from uuid import UUID

from solarhub.audit.recording import acting
from solarhub.kit.clock import now
from solarhub.kit.db import Session, UniqueViolated, violations
from solarhub.kit.errors import Conflict, FieldError, Invalid, NotFound
from solarhub.kit.sealing import Keyring
from solarhub.metrics import CATALOGUE, Catalogue
from solarhub.telemetry.definitions import MetricAnswer, MetricChange, MetricDefinition, MetricFilter
from solarhub.telemetry.models import CustomMetric
from solarhub.telemetry.queries import own_metrics as queries

MOST = 200
"""Of one organization, removed ones among them."""


async def listing(session: Session, organization_id: UUID, wanted: MetricFilter) -> tuple[list[MetricAnswer], int]:
    """A page of what devices may report, standard metrics first, and how many there are in all."""
    standard = [] if wanted.own is True else [MetricAnswer.of(metric) for metric in CATALOGUE.values()]
    own = [] if wanted.own is False else await queries.of_organization(session, organization_id)
    every = standard + [shown(metric) for metric in own if metric.removed_at is None or wanted.with_removed]
    return every[wanted.offset : wanted.offset + wanted.limit], len(every)


def shown(metric: CustomMetric) -> MetricAnswer:
    """One of the organization's own, with all that is known of it."""
    return MetricAnswer.of(metric.metric, own_id=metric.id, version=metric.version, removed=metric.removed_at)


async def catalogue_in(session: Session, organization_id: UUID) -> Catalogue:
    """What devices of the organization that the session stands in may report, asked of the database itself."""
    own = await queries.of_organization(session, organization_id)
    if not own:
        return CATALOGUE
    return CATALOGUE.with_own(
        [each.metric for each in own if each.removed_at is None], [each.metric for each in own if each.removed_at]
    )


async def add(session: Session, organization_id: UUID, wanted: MetricDefinition) -> CustomMetric:
    """A new one. Conflict for a name that was given before, also where that was removed, and for too many."""
    if await queries.how_many(session, organization_id) >= MOST:
        raise Conflict(f"An organization has at most {MOST} metrics of its own, removed ones among them.")
    metric = CustomMetric(
        organization_id=organization_id,
        name=wanted.name,
        unit=wanted.unit,
        kind=wanted.kind.value,
        minimum=wanted.minimum,
        maximum=wanted.maximum,
        night=wanted.night.value,
        meaning=wanted.meaning,
    )
    session.add(metric)
    try:
        with violations():
            await session.flush()
    except UniqueViolated:
        raise Conflict(
            f"{wanted.name} was defined before, and a name is given once; if it was removed it can be restored."
        ) from None
    return metric


async def find(session: Session, metric_id: UUID) -> CustomMetric:
    """Removed or not. NotFound for one that is not there, or is somebody else's."""
    found = await queries.one(session, metric_id)
    if found is None:
        raise NotFound
    return found


async def find_to_change(session: Session, metric_id: UUID) -> CustomMetric:
    """As `find`, and locked."""
    found = await queries.one_to_change(session, metric_id)
    if found is None:
        raise NotFound
    return found


async def change(session: Session, metric: CustomMetric, wanted: MetricChange) -> None:
    """Sets what the request named, on one that is locked. Invalid for a range that is none."""
    for name in wanted.model_fields_set & {"minimum", "maximum", "meaning"}:
        setattr(metric, name, getattr(wanted, name))
    if "night" in wanted.model_fields_set:
        metric.night = wanted.night.value
    if not metric.minimum < metric.maximum:
        line = FieldError(
            "maximum", metric.maximum, "must be greater than the minimum", f"more than {metric.minimum:,.10g}"
        )
        raise Invalid([line])
    await session.flush()


async def remove(session: Session, metric: CustomMetric) -> None:
    """No more values of it are taken, and no rule is made on it; what there is stays readable. Conflict if it is so."""
    if metric.removed_at is not None:
        raise Conflict("This metric was removed already.", state="removed")
    acting(session, "metric.remove")
    metric.removed_at = now()
    await session.flush()


async def restore(session: Session, metric: CustomMetric) -> None:
    """Values of it are taken again. Conflict for one that is in force."""
    if metric.removed_at is None:
        raise Conflict("This metric is in force.", state="in force")
    acting(session, "metric.restore")
    metric.removed_at = None
    await session.flush()


async def follow_site(
    session: Session,
    keyring: Keyring,  # noqa: ARG001 - others that follow need it
    site_id: UUID,
    giver: UUID,
    receiver: UUID,
) -> None:
    """A plant changes hands: what its devices report keeps its meaning. The session stands in both organizations.

    A name that the receiver has given to something else keeps the receiver's meaning.
    """
    reported = {series.partition(":")[0] for series in await queries.series_reported_at(session, site_id)}
    known = {metric.name for metric in await queries.of_organization(session, receiver)}
    for metric in await queries.of_organization(session, giver):
        if metric.name in reported - known:
            session.add(
                CustomMetric(
                    organization_id=receiver,
                    name=metric.name,
                    unit=metric.unit,
                    kind=metric.kind,
                    minimum=metric.minimum,
                    maximum=metric.maximum,
                    night=metric.night,
                    meaning=metric.meaning,
                    removed_at=metric.removed_at,
                )
            )
    await session.flush()
