"""Plants that change hands, over HTTP."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, status

from solarhub.accounts.throttle import spend
from solarhub.kit.db import Databases, Session
from solarhub.kit.errors import Conflict, Invalid, NotFound, TooManyRequests
from solarhub.kit.http import AuthSession, Keys, PublicUrl, Router, databases, describe
from solarhub.kit.paging import Listing
from solarhub.organizations.deps import Here, TenantReading, TenantWriting, needs
from solarhub.organizations.roles import Permission
from solarhub.organizations.schemas.invitations import LinkAnswer
from solarhub.sites import offering
from solarhub.sites.deps import SiteToChange
from solarhub.sites.queries import handovers as queries
from solarhub.sites.queries.handovers import Told
from solarhub.sites.schemas import HandoverAnswer, HandoverFilter, HandoverRequest, SentHandover

router = Router(prefix="/organizations/{organization_id}", tags=["handovers"])

_HANDING_OVER = needs(Permission.SITES_HAND_OVER)


@router.post(
    "/sites/{site_id}/hand-over",
    status_code=status.HTTP_201_CREATED,
    responses=describe(NotFound, Conflict, Invalid, TooManyRequests),
    openapi_extra=_HANDING_OVER,
)
async def hand_over_site(
    site: SiteToChange,
    wanted: HandoverRequest,
    *,
    here: Here,
    session: TenantWriting,
    auth: AuthSession,
    pools: Annotated[Databases, Depends(databases)],
    keyring: Keys,
    public_url: PublicUrl,
) -> SentHandover:
    """Give a plant to another organization, with its devices, history, alerts and rules.

    At once where you may bring plants there yourself; otherwise as an offer, whose link is shown this once.
    """
    if wanted.email is not None:
        await spend(pools.auth, "letter.account", wanted.email.lower())
    made, link = await offering.offer(session, pools.auth, here, site, wanted, keyring=keyring, public_url=public_url)
    told = await _told(auth, await queries.told_to_giver(session, made.id))
    if link is None:
        return SentHandover(**dict(told), invitation=None)
    shown = LinkAnswer.model_validate(
        {
            "link": link.link,
            "qr_svg": link.qr_svg,
            "whatsapp_link": link.whatsapp_link,
            "expires_at": made.invitation_expires,
        }
    )
    return SentHandover(**dict(told), invitation=shown)


@router.get("/handovers", responses=describe(NotFound, Invalid), openapi_extra=_HANDING_OVER)
async def list_handovers(
    wanted: Annotated[HandoverFilter, Query()], here: Here, _session: TenantReading, auth: AuthSession
) -> Listing[HandoverAnswer]:
    """Plants that this organization gave, received or is offered, newest first, and how far their measurements are."""
    rows, counted = await queries.handovers(auth, here.organization.id, here.organization.slug, wanted)
    return Listing.of(await _all_told(auth, rows), counted, wanted)


@router.delete(
    "/handovers/{handover_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=describe(NotFound, Conflict),
    openapi_extra=_HANDING_OVER,
)
async def withdraw_handover(handover_id: UUID, here: Here, session: TenantWriting) -> None:
    """Think better of an offer: its link opens nothing any more. 409 for one that was accepted."""
    await offering.withdraw(session, here, handover_id)


@router.post(
    "/handovers/{handover_id}/accept",
    responses=describe(NotFound, Conflict),
    openapi_extra=_HANDING_OVER,
)
async def accept_handover(
    handover_id: UUID, here: Here, session: TenantWriting, auth: AuthSession, keyring: Keys
) -> HandoverAnswer:
    """Take over a plant that was offered to this organization by its name."""
    made = await offering.accept_offer(session, auth, keyring, here, handover_id)
    return await _told(auth, await queries.told_to_receiver(session, made.id))


async def _told(auth: Session, row: Told) -> HandoverAnswer:
    (answer,) = await _all_told(auth, [row])
    return answer


async def _all_told(auth: Session, rows: Sequence[Told]) -> list[HandoverAnswer]:
    parties = {row.organization_id for row in rows} | {row.to_organization_id for row in rows}
    names = await queries.organization_names(auth, parties - {None})
    return [
        HandoverAnswer.model_validate(
            row._asdict()
            | {
                "organization_name": names.get(row.organization_id, ""),
                "to_organization_name": names.get(row.to_organization_id),
            }
        )
        for row in rows
    ]
