"""The hub settles claims on serial numbers: it alone sees both sides, and tells neither who the other is."""

from solarhub.audit.recording import Trail, acting, follow
from solarhub.devices.models import Device, DeviceClaim, DeviceClaimRequest
from solarhub.devices.queries import claims as queries
from solarhub.devices.queries import tokens
from solarhub.devices.vocabulary import ClaimState, RequestState
from solarhub.devices.wording import claim_letter
from solarhub.kit.clock import now
from solarhub.kit.db import Session, UniqueViolated, is_contention, violations
from solarhub.kit.sealing import Keyring
from solarhub.notifications.message import Message
from solarhub.notifications.outbox import post

_ASKED = "device_claim.asked"
_HUB = Trail("hub")


async def settle(session: Session, keyring: Keyring, public_url: str, *, limit: int = 50) -> int:
    """Looks at claims that are due, as the worker; returns at how many.

    What somebody else is changing at this moment, the device or the number, is left for the next time.
    """
    follow(session, _HUB)
    due = await queries.claims_to_look_at(session, limit=limit)
    looked_at = []
    for claim in due:
        claim_id = claim.id
        try:
            with violations():
                async with session.begin_nested():
                    if await _look(session, keyring, public_url, claim):
                        looked_at.append(claim_id)
        except Exception as error:  # the number was free, or the device untouched, a moment ago; the rest is raised
            if not (isinstance(error, UniqueViolated) or is_contention(error)):
                raise
    await queries.mark_as_looked_at(session, looked_at)
    await queries.let_requests_lapse(session)
    return len(due)


async def _look(session: Session, keyring: Keyring, public_url: str, claim: DeviceClaim) -> bool:
    """Whether it could be looked at: not while somebody is changing the claimant's device."""
    found = await queries.devices_of_claim(session, claim)
    claimed = next((device for device in found if device.id == claim.device_id), None)
    holder = next((device for device in found if device.serial_number == claim.serial_number), None)
    if claimed is None:
        return False
    if claimed.removed_at is not None:
        await _settle(session, claim, ClaimState.WITHDRAWN)
    elif holder is None or holder is claimed:
        await _give(session, claim, claimed)
    else:
        await _between(session, keyring, public_url, claim, claimed=claimed, holder=holder)
    return True


async def _between(
    session: Session, keyring: Keyring, public_url: str, claim: DeviceClaim, *, claimed: Device, holder: Device
) -> None:
    """Another device has the number: its holder says so, or the claimant shows its token."""
    request = await queries.request_of(session, claim.id, holder.id)
    if claim.proof_sha256 is not None and await tokens.is_proven(session, holder.id, claim.proof_sha256):
        if request is None:
            request = await _asked(session, claim, holder)
        _say(request, RequestState.PROVEN)
        await _take(session, holder)
        await _give(session, claim, claimed)
        return
    if claim.proof_sha256 is not None:
        await queries.forget_proof(session, claim.id)  # it opens nothing, and is not tried again by itself
    if request is None or request.answer == RequestState.LAPSED:
        if request is None:
            request = await _asked(session, claim, holder)
        _say(request, None)
        await session.flush()
        await _write_to_owners(session, keyring, public_url, request, holder)
    elif request.answer == RequestState.GRANTED:
        await _take(session, holder)
        await _give(session, claim, claimed)
    elif request.answer == RequestState.REFUSED:
        await _settle(session, claim, ClaimState.REFUSED)


async def _asked(session: Session, claim: DeviceClaim, holder: Device) -> DeviceClaimRequest:
    request = DeviceClaimRequest(
        claim_id=claim.id,
        organization_id=holder.organization_id,
        device_id=holder.id,
        claimant_name=await queries.organization_name(session, claim.organization_id),
        message=claim.message,
    )
    session.add(request)
    return request


def _say(request: DeviceClaimRequest, answer: RequestState | None) -> None:
    request.answer = answer.value if answer is not None else None
    request.answered_at = now() if answer is not None else None


async def _take(session: Session, holder: Device) -> None:
    """The device stays with its history; it has no number any more, and its tokens end."""
    acting(session, "device.number_given_up")
    holder.serial_number = None
    await session.flush()
    await tokens.revoke_tokens(session, holder.id)


async def _give(session: Session, claim: DeviceClaim, claimed: Device) -> None:
    acting(session, "device.number_claimed")
    claimed.serial_number = claim.serial_number
    await session.flush()
    await _settle(session, claim, ClaimState.GRANTED)


async def _settle(session: Session, claim: DeviceClaim, state: ClaimState) -> None:
    acting(session, "device_claim.settle")
    claim.state = state
    claim.settled_at = now()
    await session.flush()


async def _write_to_owners(
    session: Session, keyring: Keyring, public_url: str, request: DeviceClaimRequest, holder: Device
) -> None:
    messages = []
    for user_id, email, preferences in await queries.owners(session, holder.organization_id):
        subject, text = claim_letter(
            preferences.language,
            device=holder.name,
            serial_number=holder.serial_number or "",
            claimant=request.claimant_name,
            public_url=public_url,
        )
        messages.append(
            Message(
                channel="email",
                recipient=email,
                event=_ASKED,
                subject=subject,
                text=text,
                organization_id=request.organization_id,
                user_id=user_id,
                subject_id=request.id,
            )
        )
    await post(session, keyring, messages)
