"""Writes down who did what, in the transaction that does it.

Changes of audited classes are recorded by themselves when a session that has a trail flushes them: nobody can forget
to. What changes no row, such as a failed sign-in or an export, is recorded by hand.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, Literal, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session as SyncSession
from sqlalchemy.orm import UOWTransaction

from solarhub.audit.models import AuditEntry
from solarhub.kit.db import Base, Session, TenantAsyncSession
from solarhub.kit.ids import uuid7

ActorKind = Literal["person", "api_key", "operator", "hub", "nobody"]
MASKED = "***"

_HIDDEN_COLUMNS = frozenset({"password_hash", "token_sha256", "invitation_token", "secret_sealed", "proof_sha256"})
_NOT_WORTH_A_LINE = frozenset({"created_at", "updated_at", "version", "last_seen_at"})


@dataclass(frozen=True, slots=True)
class Trail:
    """Who acts in a session, from where, and in which request; `hub` for what happens by itself."""

    kind: ActorKind
    actor_id: UUID | None = None
    api_key_id: UUID | None = None
    address: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Audited:
    kind: str
    shown: Mapping[str, Callable[[Any], Any]]


_audited: dict[type[Base], _Audited] = {}
C = TypeVar("C", bound=type[Base])


def audited(kind: str, **shown: Callable[[Any], Any]) -> Callable[[C], C]:
    """Class decorator: its rows' changes are recorded as acts on a `kind`.

    `shown` says, by attribute, how a value that is not fit to print is told instead.
    """

    def register(cls: C) -> C:
        _audited[cls] = _Audited(kind, shown)
        return cls

    return register


def follow(session: Session, trail: Trail) -> None:
    """What this session changes from now on is recorded as this actor's doing."""
    session.info["trail"] = trail
    session.info.pop("act", None)


def acting(session: Session, action: str) -> None:
    """Names the act that the session's next changes belong to: `site.hand_over`; else they are `site.change`."""
    session.info["act"] = action


def person_acting(session: Session) -> UUID | None:
    """Whose doing it is what happens in this session; None where the hub acts by itself, or nobody is known."""
    trail: Trail | None = session.info.get("trail")
    return trail.actor_id if trail is not None and trail.kind in ("person", "api_key") else None


async def record(
    session: Session,
    action: str,
    kind: str,
    target_id: UUID | None = None,
    *,
    organization_id: UUID | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    trail: Trail | None = None,
) -> None:
    """Writes one line by hand, by the session's trail or by the given one."""
    entry = _entry(trail or session.info.get("trail") or Trail("nobody"), action, kind, target_id, organization_id)
    await session.execute(
        sa.insert(AuditEntry).values(
            **entry, before=_told(before) if before else None, after=_told(after) if after else None
        )
    )


@event.listens_for(TenantAsyncSession.sync_session_class, "after_flush")
def _record_changes(session: SyncSession, _flush: UOWTransaction) -> None:
    trail: Trail | None = session.info.get("trail")
    if trail is None:
        return
    entries = [entry for changed in (session.new, session.dirty) for entry in _changes(session, changed, trail)]
    if entries:
        session.connection().execute(sa.insert(Base.metadata.tables["audit_entries"]), entries)


def _changes(session: SyncSession, changed: Any, trail: Trail) -> Iterator[dict[str, Any]]:
    for row in changed:
        known = _audited.get(type(row))
        if known is None:
            continue
        is_new = row in session.new
        before: dict[str, Any] = {}
        after: dict[str, Any] = {}
        for attribute in sa.inspect(row).attrs:
            name = attribute.key
            if name in _NOT_WORTH_A_LINE or (is_new and name == "id"):
                continue
            history = attribute.history
            if not history.has_changes():
                continue
            show = known.shown.get(name, lambda value: value)
            old = history.deleted[0] if history.deleted else None
            new = history.added[0] if history.added else None
            hidden = name in _HIDDEN_COLUMNS
            if old is not None and not is_new:
                before[name] = MASKED if hidden else _plain(show(old))
            if new is not None or not is_new:
                after[name] = MASKED if hidden and new is not None else _plain(show(new) if new is not None else None)
        if is_new or before or after:
            action = session.info.get("act") or f"{known.kind}.{'create' if is_new else 'change'}"
            organization_id = row.id if known.kind == "organization" else getattr(row, "organization_id", None)
            target_id = getattr(row, "id", organization_id)
            entry = _entry(trail, action, known.kind, target_id, organization_id)
            yield entry | {"before": before or None, "after": after or None}


def _entry(
    trail: Trail, action: str, kind: str, target_id: UUID | None, organization_id: UUID | None
) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "organization_id": organization_id,
        "actor_kind": trail.kind,
        "actor_id": trail.actor_id,
        "api_key_id": trail.api_key_id,
        "action": action,
        "target_type": kind,
        "target_id": target_id,
        "address": trail.address,
        "request_id": trail.request_id,
    }


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: MASKED if key in _HIDDEN_COLUMNS else _plain(value) for key, value in values.items()}


def _plain(value: Any) -> Any:  # noqa: PLR0911 - one line for each type
    """As JSON tells it."""
    match value:
        case Enum():
            return value.value
        case None | bool() | int() | float() | str():
            return value
        case UUID():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case bytes():
            return f"{len(value)} bytes"
        case Mapping():
            return {str(key): _plain(each) for key, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain(each) for each in value]
        case _ if hasattr(value, "to_public"):
            return value.to_public()
        case _:
            return str(value)
