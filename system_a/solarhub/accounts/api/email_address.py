"""E-mail addresses over HTTP."""

from fastapi import status

from solarhub.accounts import email_address
from solarhub.accounts.deps import AtDesk, SignedIn
from solarhub.accounts.schemas.proofs import EmailChange, GivenToken
from solarhub.kit.errors import Conflict, Invalid, Unreadable
from solarhub.kit.http import Router, describe

router = Router(tags=["yourself"])
_ACCEPTED, _DONE = status.HTTP_202_ACCEPTED, status.HTTP_204_NO_CONTENT


@router.post("/me/email", status_code=_ACCEPTED, responses=describe(Invalid, Unreadable))
async def change_my_email(given: EmailChange, person: SignedIn, desk: AtDesk) -> None:
    """Move to another e-mail address: it gets a letter to confirm it, and the present one is told."""
    password = given.password.get_secret_value()
    await email_address.ask_for_change(desk, person, email=given.email, password=password)


@router.post("/me/email-verification", status_code=_ACCEPTED, responses=describe(Conflict))
async def verify_my_email(person: SignedIn, desk: AtDesk) -> None:
    """Get a letter that proves your e-mail address."""
    await email_address.ask_for_verification(desk, person)


@router.post("/email-verifications", status_code=_DONE, responses=describe(Conflict, Invalid, Unreadable))
async def confirm_email(given: GivenToken, desk: AtDesk) -> None:
    """Confirm an e-mail address by the link from a letter; nobody needs to be signed in for it."""
    await email_address.confirm(desk, given.token.get_secret_value())
