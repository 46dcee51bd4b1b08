"""The second factor over HTTP."""

from fastapi import Response, status

from solarhub.accounts import second_factor
from solarhub.accounts.deps import AtDesk, SignedIn, renew_cookie
from solarhub.accounts.one_time_code import drawn
from solarhub.accounts.schemas.answers import EnrolmentAnswer, RecoveryCodesAnswer
from solarhub.accounts.schemas.proofs import GivenCode, PasswordAgain, PasswordAndCode
from solarhub.kit.errors import Conflict, Invalid, NotFound, Unreadable
from solarhub.kit.http import Router, describe

router = Router(prefix="/me", tags=["yourself"])
_DONE = status.HTTP_204_NO_CONTENT


@router.post("/second-factor", responses=describe(Conflict, Invalid, Unreadable))
async def begin_second_factor(given: PasswordAgain, person: SignedIn, desk: AtDesk) -> EnrolmentAnswer:
    """Get a key for an authenticator app; nothing changes until its first code was given."""
    enrolment = await second_factor.enrol(desk, person, given.password.get_secret_value())
    return EnrolmentAnswer(secret=enrolment.seed, address=enrolment.address, qr_svg=drawn(enrolment.address))


@router.post("/second-factor/confirm", responses=describe(Conflict, Invalid, Unreadable))
async def confirm_second_factor(
    given: GivenCode, person: SignedIn, desk: AtDesk, response: Response
) -> RecoveryCodesAnswer:
    """Switch the second factor on with the first code; you are signed out everywhere else."""
    confirmed = await second_factor.confirm(desk, person, given.code.get_secret_value())
    renew_cookie(response, confirmed.token, person)
    return RecoveryCodesAnswer(recovery_codes=confirmed.recovery_codes)


@router.delete("/second-factor", status_code=_DONE, responses=describe(NotFound, Invalid, Unreadable))
async def remove_second_factor(given: PasswordAndCode, person: SignedIn, desk: AtDesk, response: Response) -> None:
    """Switch the second factor off, with your password and a code; you are signed out everywhere else."""
    password, code = given.password.get_secret_value(), given.code.get_secret_value()
    renew_cookie(response, await second_factor.remove(desk, person, password, code), person)


@router.post("/recovery-codes", responses=describe(NotFound, Invalid, Unreadable))
async def renew_recovery_codes(given: PasswordAgain, person: SignedIn, desk: AtDesk) -> RecoveryCodesAnswer:
    """Get ten new recovery codes; the old ones work no more."""
    codes = await second_factor.renew_recovery_codes(desk, person, given.password.get_secret_value())
    return RecoveryCodesAnswer(recovery_codes=codes)
