"""From claimed rows to parcels: secrets opened, webhooks looked up, and what is not to be sent at present kept back."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from solarhub.kit.db import Session
from solarhub.kit.sealing import Keyring, Unsealable
from solarhub.notifications.message import with_link
from solarhub.notifications.outbox import LINK_PLACE
from solarhub.notifications.parcel import DeliveryFailed, Endpoint, Parcel
from solarhub.notifications.queries.claiming import Claimed, Hook, hooks
from solarhub.notifications.vocabulary import Way
from solarhub.notifications.webhook_secret import open_secret


@dataclass(frozen=True)
class Held:
    """Not now; the sentence says why."""

    sentence: str


@dataclass(frozen=True)
class Unwanted:
    """Not any more; the sentence says why."""

    sentence: str


async def pack(
    session: Session, keyring: Keyring, rows: Sequence[Claimed]
) -> dict[UUID, Parcel | Held | Unwanted | DeliveryFailed]:
    """What is to become of each row, as the worker."""
    wanted = {id_ for row in rows if row.channel == Way.WEBHOOK and (id_ := _hook_id(row)) is not None}
    found = await hooks(session, wanted) if wanted else {}
    return {row.id: _pack(keyring, row, found) for row in rows}


def _pack(keyring: Keyring, row: Claimed, found: dict[UUID, Hook]) -> Parcel | Held | Unwanted | DeliveryFailed:
    if row.organization_status == "suspended":
        return Held("The organization is suspended.")
    if row.organization_status == "closed":
        return Unwanted("The organization is closed.")
    endpoint = None
    try:
        if row.channel == Way.WEBHOOK:
            id_ = _hook_id(row)
            hook = found.get(id_) if id_ is not None else None
            # an id from elsewhere must not lead there, whoever wrote it
            if hook is None or hook.organization_id != row.organization_id:
                return Unwanted("The webhook is not there any more.")
            if not hook.is_active:
                return Unwanted("The webhook is switched off.")
            endpoint = Endpoint(hook.url, open_secret(keyring, hook.secret_sealed, hook.organization_id, hook.id))
        link = None if row.secret_sealed is None else keyring.open(row.secret_sealed, row.id, LINK_PLACE)
    except Unsealable:
        return DeliveryFailed("What this needs was sealed with a key that the hub does not have.", permanent=True)
    return Parcel(
        id=row.id,
        recipient=row.recipient,
        event=row.event,
        subject=row.content["subject"],
        text=with_link(row.content["text"], link),
        created_at=row.created_at,
        subject_id=row.subject_id,
        payload=row.content.get("payload"),
        endpoint=endpoint,
    )


def _hook_id(row: Claimed) -> UUID | None:
    try:
        return UUID(row.recipient)
    except ValueError:
        return None
