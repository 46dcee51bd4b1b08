"""Claims on serial numbers over HTTP: what one's own organization claims, and what it is asked to give up."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, status
from fastapi.responses import StreamingResponse

from solarhub.accounts import throttle
from solarhub.devices import claims
from solarhub.devices.api.devices import Pools
from solarhub.devices.models import DeviceClaim
from solarhub.devices.queries import claims as queries
from solarhub.devices.schemas import (
    ClaimAnswer,
    ClaimFilter,
    ClaimRequestAnswer,
    ClaimSelection,
    ClaimWish,
    Proof,
    RequestFilter,
    RequestSelection,
)
from solarhub.devices.vocabulary import RequestState
from solarhub.kit.errors import Conflict, Invalid, NotFound, TooManyRequests
from solarhub.kit.http import Router, describe
from solarhub.kit.http.exports import AS_FILE, FORMAT, ExportFormat, answers_of, export
from solarhub.kit.paging import Listing
from solarhub.organizations.deps import Here, TenantReading, TenantStream, TenantWriting, needs
from solarhub.organizations.roles import Permission

router = Router(prefix="/organizations/{organization_id}/device-claims", tags=["device claims"])
requests = Router(prefix="/organizations/{organization_id}/device-claim-requests", tags=["device claims"])


class ClaimExport(ClaimSelection):
    """Query parameters of the export of claims."""

    format: Annotated[ExportFormat, FORMAT]


class RequestExport(RequestSelection):
    """Query parameters of the export of requests."""

    format: Annotated[ExportFormat, FORMAT]


_CLAIMING = needs(Permission.DEVICES_CLAIM)
_ANSWERING = needs(Permission.CLAIMS_ANSWER)
_LIMIT = "claims"


@router.post(
    "",
    status_code=status.HTTP_202_ACCEPTED,
    response_model=ClaimAnswer,
    responses=describe(NotFound, Conflict, Invalid, TooManyRequests),
    openapi_extra=_CLAIMING,
)
async def claim_serial_number(
    organization_id: UUID, wish: ClaimWish, session: TenantWriting, pools: Pools, here: Here
) -> DeviceClaim:
    """Claim a serial number that is taken.

    The answer is the same whether anybody holds the number, nobody does, or you do. Somebody who holds it is asked, and
    told your organization's name and message; with the token of the device itself you need nobody's consent.
    """
    await throttle.spend(pools.auth, _LIMIT, organization_id)
    return await claims.claim(session, here.actor.user_id, wish)


@router.get("", responses=describe(NotFound, Invalid), openapi_extra=_CLAIMING)
async def list_device_claims(
    organization_id: UUID, wanted: Annotated[ClaimFilter, Query()], session: TenantReading
) -> Listing[ClaimAnswer]:
    """What your organization claims, the newest first."""
    rows, counted = await queries.claims(session, organization_id, wanted)
    return Listing.of([ClaimAnswer.model_validate(row) for row in rows], counted, wanted)


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses=AS_FILE | describe(NotFound, Invalid),
    openapi_extra=_CLAIMING,
)
async def export_device_claims(
    organization_id: UUID, wanted: Annotated[ClaimExport, Query()], stream: TenantStream
) -> StreamingResponse:
    """All claims of your organization, as a file."""
    answers = answers_of(
        stream, lambda session: queries.every_claim(session, organization_id, wanted), ClaimAnswer.model_validate
    )
    return export("device-claims", answers, ClaimAnswer, wanted.format)


@router.post(
    "/{claim_id}/withdraw",
    response_model=ClaimAnswer,
    responses=describe(NotFound, Conflict),
    openapi_extra=_CLAIMING,
)
async def withdraw_device_claim(claim_id: UUID, session: TenantWriting) -> DeviceClaim:
    """End a claim of yours. 409 for one that is settled."""
    return await claims.withdraw(session, claim_id)


@router.post(
    "/{claim_id}/prove",
    status_code=status.HTTP_202_ACCEPTED,
    response_model=ClaimAnswer,
    responses=describe(NotFound, Conflict, Invalid, TooManyRequests),
    openapi_extra=_CLAIMING,
)
async def prove_device_claim(
    organization_id: UUID, claim_id: UUID, proof: Proof, session: TenantWriting, pools: Pools
) -> DeviceClaim:
    """Show the token with which the device reports: who has it, has the device.

    It is compared a little later; the claim then says granted, or stays as it is. Only its hash is kept.
    """
    await throttle.spend(pools.auth, _LIMIT, organization_id)
    return await claims.prove(session, claim_id, proof.token)


@requests.get("", responses=describe(NotFound, Invalid), openapi_extra=_ANSWERING)
async def list_device_claim_requests(
    organization_id: UUID, wanted: Annotated[RequestFilter, Query()], session: TenantReading
) -> Listing[ClaimRequestAnswer]:
    """The serial numbers of yours that others claim, the newest first."""
    rows, counted = await queries.requests(session, organization_id, wanted)
    return Listing.of([ClaimRequestAnswer.of(row) for row in rows], counted, wanted)


@requests.get(
    "/export",
    response_class=StreamingResponse,
    responses=AS_FILE | describe(NotFound, Invalid),
    openapi_extra=_ANSWERING,
)
async def export_device_claim_requests(
    organization_id: UUID, wanted: Annotated[RequestExport, Query()], stream: TenantStream
) -> StreamingResponse:
    """The serial numbers of yours that others claim, as a file."""
    answers = answers_of(
        stream, lambda session: queries.every_request(session, organization_id, wanted), ClaimRequestAnswer.of
    )
    return export("device-claim-requests", answers, ClaimRequestAnswer, wanted.format)


@requests.post("/{request_id}/grant", responses=describe(NotFound, Conflict), openapi_extra=_ANSWERING)
async def grant_device_claim(request_id: UUID, session: TenantWriting, here: Here) -> ClaimRequestAnswer:
    """Give the number up. Your device keeps its history; a little later it has no number, and its tokens end."""
    return ClaimRequestAnswer.of(await claims.answer(session, request_id, RequestState.GRANTED, here.actor.user_id))


@requests.post("/{request_id}/refuse", responses=describe(NotFound, Conflict), openapi_extra=_ANSWERING)
async def refuse_device_claim(request_id: UUID, session: TenantWriting, here: Here) -> ClaimRequestAnswer:
    """Keep the number. The claimant learns that it was refused, and not by whom."""
    return ClaimRequestAnswer.of(await claims.answer(session, request_id, RequestState.REFUSED, here.actor.user_id))
