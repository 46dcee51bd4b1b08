"""New passwords over HTTP."""

from fastapi import Response, status

from solarhub.accounts.deps import AtDesk, SignedIn, renew_cookie
from solarhub.accounts.password_change import change_password
from solarhub.accounts.password_reset import ask_for_reset, reset_password
from solarhub.accounts.schemas.proofs import PasswordChange, PasswordReset, ResetWish
from solarhub.kit.errors import Conflict, Invalid, Unreadable
from solarhub.kit.http import Router, describe

router = Router(tags=["signing in"])
_ACCEPTED, _DONE = status.HTTP_202_ACCEPTED, status.HTTP_204_NO_CONTENT


@router.put("/me/password", status_code=_DONE, responses=describe(Conflict, Invalid, Unreadable))
async def change_my_password(given: PasswordChange, person: SignedIn, desk: AtDesk, response: Response) -> None:
    """Change your password; you are signed out everywhere else, and written to."""
    current, wanted = given.current_password.get_secret_value(), given.password.get_secret_value()
    renew_cookie(response, await change_password(desk, person, current=current, wanted=wanted), person)


@router.post("/password-resets", status_code=_ACCEPTED, responses=describe(Invalid, Unreadable))
async def ask_for_new_password(given: ResetWish, desk: AtDesk) -> None:
    """Get a letter with a link to set a new password. The answer is the same whether or not there is an account."""
    await ask_for_reset(desk, given.email)


@router.post("/password-resets/confirm", status_code=_DONE, responses=describe(Invalid, Unreadable))
async def set_new_password(given: PasswordReset, desk: AtDesk) -> None:
    """Set a new password, by the link from the letter. Every session ends; sign in with the new password."""
    token, wanted = given.token.get_secret_value(), given.password.get_secret_value()
    await reset_password(desk, token=token, wanted=wanted)
