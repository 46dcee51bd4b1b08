"""A serial number is taken: who has the device in hand claims it, and who holds the number is asked.

Here people say what they want, each side in its own organization; `settlement` does it. The claimant is told the same
whether anybody holds the number or not.
"""

from uuid import UUID

from solarhub.audit.recording import acting
from solarhub.devices.models import Device, DeviceClaim, DeviceClaimRequest
from solarhub.devices.queries import claims as queries
from solarhub.devices.queries import devices
from solarhub.devices.schemas import ClaimWish
from solarhub.devices.vocabulary import ClaimState, RequestState
from solarhub.kit.clock import now
from solarhub.kit.db import Session, UniqueViolated, violations
from solarhub.kit.errors import Conflict, FieldError, Invalid, NotFound
from solarhub.kit.tokens import sha256_of


async def claim(session: Session, claimant_id: UUID, wish: ClaimWish) -> DeviceClaim:
    """A claim for a device of the organization that the session stands in; nobody looks here who holds the number.

    Invalid for a device that is not there; Conflict while an earlier claim of this device is open.
    """
    device: Device | None = await devices.device(session, wish.device_id)
    if device is None or device.removed_at is not None:
        allowed = "the id of one of its devices"
        raise Invalid([FieldError("device_id", str(wish.device_id), "is no device of this organization", allowed)])
    made = DeviceClaim(
        organization_id=device.organization_id,
        device_id=device.id,
        serial_number=wish.serial_number,
        message=wish.message,
        claimed_by=claimant_id,
    )
    session.add(made)
    try:
        with violations():
            await session.flush()
    except UniqueViolated:
        raise Conflict("This device has an open claim already; withdraw that one first.") from None
    return made


async def withdraw(session: Session, claim_id: UUID) -> DeviceClaim:
    """Ends a claim that is pending. Conflict for any other."""
    found = await _pending(session, claim_id)
    acting(session, "device_claim.withdraw")
    found.state = ClaimState.WITHDRAWN
    found.settled_at = now()
    await session.flush()
    return found


async def prove(session: Session, claim_id: UUID, token: str) -> DeviceClaim:
    """Keeps what the claimant shows; whether it is the device's token is found out later. Conflict: settled."""
    found = await _pending(session, claim_id)
    acting(session, "device_claim.prove")
    found.proof_sha256 = sha256_of(token)
    found.looked_at = None
    await session.flush()
    return found


async def answer(session: Session, request_id: UUID, given: RequestState, answerer_id: UUID) -> DeviceClaimRequest:
    """What the holder says: granted or refused. Conflict where an answer stands already, or none is needed any more."""
    request = await queries.request_to_change(session, request_id)
    if request is None:
        raise NotFound
    if request.answer is not None:
        raise Conflict("This claim is not open any more.", state=request.answer)
    acting(session, f"device_claim_request.{'grant' if given is RequestState.GRANTED else 'refuse'}")
    request.answer = given.value
    request.answered_by = answerer_id
    request.answered_at = now()
    await session.flush()
    return request


async def _pending(session: Session, claim_id: UUID) -> DeviceClaim:
    found = await queries.claim_to_change(session, claim_id)
    if found is None:
        raise NotFound
    if found.state != ClaimState.PENDING:
        raise Conflict("This claim is settled.", state=found.state)
    return found
