"""Which metrics the devices of each organization may report, held in memory: every door asks for every request.

One small question every two seconds tells whether any organization has changed any of its own metrics; only then are
they read, all of them. So asking costs a look into a dictionary, however many organizations there are.
"""

from solarhub.kit.db import Database, Session, transaction
from solarhub.kit.loop import Loop
from solarhub.metrics import CATALOGUE, Catalogue, Metric
from solarhub.telemetry.queries import own_metrics as queries

LOOK_SECONDS = 2.0
"""How long an edit that another process made may stay unknown here."""


class Catalogues:
    """The catalogue of each organization, after `load()`."""

    def __init__(self, database: Database) -> None:
        """`database` logs in as solarhub_worker."""
        self._database = database
        self._with_own: dict[int, Catalogue] = {}
        self._stand: queries.Stand | None = None
        self.loop = Loop("own metrics are known", database, self._look, every_seconds=LOOK_SECONDS)

    def catalogue_of(self, organization_key: int) -> Catalogue:
        """The standard metrics and those of that organization."""
        return self._with_own.get(organization_key, CATALOGUE)

    async def load(self) -> None:
        """Before the doors open: a device must not be told that its metric is unknown. Raises Unavailable."""
        async with transaction(self._database) as worker:
            await self._look(worker)

    def edited(self) -> None:
        """Looks again at once."""
        self.loop.hurry()

    async def _look(self, worker: Session) -> None:
        stand = await queries.stand(worker)
        if stand == self._stand:
            return
        own: dict[int, tuple[list[Metric], list[Metric]]] = {}
        for organization_key, row in await queries.every_one(worker):
            in_force, removed = own.setdefault(organization_key, ([], []))
            (in_force if row.removed_at is None else removed).append(row.metric)
        self._with_own = {key: CATALOGUE.with_own(*lists) for key, lists in own.items()}
        self._stand = stand
