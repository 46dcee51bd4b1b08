"""What an operator watches of a hub, for Prometheus: how much comes in, what waits and for how long."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from prometheus_client import PROCESS_COLLECTOR, CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from solarhub.kit.backup import runs
from solarhub.kit.clock import now
from solarhub.kit.db import Databases, outages
from solarhub.telemetry.mqtt_inbox import Inbox
from solarhub.wiring import Corridor

# Asked of the database at each look; every table here is small, or has an index on what is looked for.
_WAITING = sa.text("""
select
    (select count(*) from notifications where state in ('pending', 'sending')) as messages,
    (select extract(epoch from now() - min(not_before)) from notifications where state = 'pending') as oldest_message,
    (select count(*) from telemetry_marks) as marks,
    (select extract(epoch from now() - min(marked_at)) from telemetry_marks) as oldest_mark
""")


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the database says is still to be done; ages in seconds, 0 where nothing waits."""

    messages: int
    oldest_message: float
    marks: int
    oldest_mark: float
    backup_age: float | None


async def page(corridor: Corridor, databases: Databases) -> bytes:
    """In Prometheus' text format. Without the database what this process knows by itself is still told."""
    try:
        waiting = await _waiting(databases)
    except Exception:  # noqa: BLE001 - whatever it is, solarhub_database_up says so, and the rest is still worth telling
        waiting = None
    registry = CollectorRegistry(auto_describe=False)
    for told in (_Told([*_of_process(corridor, databases), *_of_database(waiting)]), PROCESS_COLLECTOR):
        registry.register(told)
    return generate_latest(registry)


class _Told(Collector):
    """What was found out already, as a registry asks for it."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


async def _waiting(databases: Databases) -> Waiting:
    async with outages(), databases.worker.session() as session:
        row = (await session.execute(_WAITING)).one()
        backed_up = await runs.newest(session)
    return Waiting(
        messages=row.messages,
        oldest_message=max(float(row.oldest_message or 0), 0.0),
        marks=row.marks,
        oldest_mark=max(float(row.oldest_mark or 0), 0.0),
        backup_age=None if backed_up is None else (now() - backed_up).total_seconds(),
    )


def _of_process(corridor: Corridor, databases: Databases) -> Iterator[Metric]:
    counts, tally = corridor.ingest.counts, corridor.evaluator.tally
    samples = CounterMetricFamily("solarhub_samples", "What became of samples", labels=["outcome"])
    for outcome, count in (
        ("stored", counts.samples),
        ("duplicate", counts.duplicates - counts.conflicts),
        ("conflict", counts.conflicts),
    ):
        samples.add_metric([outcome], count)
    yield samples
    yield CounterMetricFamily("solarhub_values", "Values of stored samples", value=counts.values)
    yield CounterMetricFamily("solarhub_quarantined", "What was put into quarantine", value=counts.quarantined)
    batches = CounterMetricFamily("solarhub_batches", "Batches with samples, by their way to the disk", labels=["way"])
    batches.add_metric(["copied"], counts.copied)
    batches.add_metric(["staged"], counts.staged)
    yield batches
    yield GaugeMetricFamily("solarhub_queued_samples", "Samples that wait to be written", value=corridor.ingest.queued)
    yield GaugeMetricFamily(
        "solarhub_unjudged_rows", "Committed rows that wait to be judged", value=corridor.evaluator.rows_waiting
    )
    yield GaugeMetricFamily(
        "solarhub_evaluator_lag_seconds", "Age of the oldest of them", value=corridor.evaluator.lag_seconds
    )
    yield CounterMetricFamily("solarhub_judged_rows", "Rows held against the rules", value=tally.rows)
    alerts = CounterMetricFamily("solarhub_alerts", "Alerts that rules opened and resolved", labels=["event"])
    alerts.add_metric(["opened"], tally.opened)
    alerts.add_metric(["resolved"], tally.resolved)
    yield alerts
    yield from _of_mqtt(corridor.inbox)
    pool = GaugeMetricFamily("solarhub_database_connections", "Connections in use", labels=["role"])
    for database in (databases.app, databases.auth, databases.worker):
        pool.add_metric([database.role], database.in_use)
    yield pool


def _of_mqtt(inbox: Inbox) -> Iterator[Metric]:
    counts = inbox.counts
    messages = CounterMetricFamily("solarhub_mqtt_messages", "What became of messages", labels=["outcome"])
    messages.add_metric(["taken"], counts["taken"] - counts["unclaimed"])
    messages.add_metric(["unclaimed"], counts["unclaimed"])
    yield messages
    yield CounterMetricFamily(
        "solarhub_mqtt_dropped", "Messages that the hub's own broker could not keep", value=counts["dropped"]
    )
    yield CounterMetricFamily(
        "solarhub_mqtt_crowded_out",
        "Messages of strangers beyond the most that an organization may have waiting, of which nothing was kept",
        value=counts["crowded_out"],
    )
    brokers = GaugeMetricFamily("solarhub_mqtt_brokers", "Brokers and credentials that devices name", labels=["state"])
    brokers.add_metric(["connected"], inbox.connected)
    brokers.add_metric(["away"], inbox.connections - inbox.connected)
    yield brokers


def _of_database(waiting: Waiting | None) -> Iterator[Metric]:
    yield GaugeMetricFamily("solarhub_database_up", "Whether the database answers", value=waiting is not None)
    if waiting is None:
        return
    yield GaugeMetricFamily("solarhub_outbox_messages", "Messages that wait to be sent", value=waiting.messages)
    yield GaugeMetricFamily(
        "solarhub_outbox_oldest_seconds", "How long the oldest of them has been due", value=waiting.oldest_message
    )
    yield GaugeMetricFamily("solarhub_rollup_marks", "Device-hours that wait to be rolled up", value=waiting.marks)
    yield GaugeMetricFamily("solarhub_rollup_oldest_seconds", "Age of the oldest of them", value=waiting.oldest_mark)
    if waiting.backup_age is not None:
        yield GaugeMetricFamily("solarhub_backup_age_seconds", "Age of the newest backup", value=waiting.backup_age)
