"""Something is worked on, a plant or a device: nobody is to be told of its silence until that ends."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from solarhub.audit.recording import Trail, acting, follow, record
from solarhub.kit.clock import now
from solarhub.kit.db import Session
from solarhub.sites.ends import Reach, check_end

W = TypeVar("W", bound=Any)
"""A row with `status` and `maintenance_until`."""


@dataclass(frozen=True)
class Upkeep(Generic[W]):
    """Of one kind of thing; `kind` is what the audit log calls it."""

    kind: str
    under_way: Any
    """The status meanwhile."""
    over: Any
    """The status afterwards."""
    due: Callable[..., Awaitable[Sequence[W]]]
    """Those that were to end by now, locked; whoever is edited is left out."""

    async def start(self, session: Session, what: W, *, until: datetime | None, note: str | None) -> None:
        """Begins with one that is locked, or moves the end. Invalid for an end in the past."""
        check_end("until", until, Reach.A_YEAR, at=now())
        action = f"{self.kind}.maintenance"
        acting(session, action)
        what.status = self.under_way
        what.maintenance_until = until
        await session.flush()
        if note is not None:
            await record(
                session, action, self.kind, what.id, organization_id=what.organization_id, after={"note": note}
            )

    async def end(self, session: Session, what: W) -> None:
        """Back to work, for one that is in it."""
        acting(session, f"{self.kind}.maintenance_end")
        self._end(what)
        await session.flush()

    async def end_due(self, session: Session, *, limit: int = 500) -> int:
        """Ends what was to end by now, as the worker and as the hub's own act; how many. Whoever is edited waits."""
        follow(session, Trail("hub"))
        acting(session, f"{self.kind}.maintenance_end")
        due = await self.due(session, limit=limit)
        for what in due:
            self._end(what)
        await session.flush()
        return len(due)

    def _end(self, what: W) -> None:
        what.status = self.over
        what.maintenance_until = None
