"""Signing in and out over HTTP."""

from fastapi import Response, status

from solarhub.accounts import sign_in
from solarhub.accounts.deps import AtDesk, Calling, give_cookie, take_cookie
from solarhub.accounts.schemas.answers import SignedInAnswer
from solarhub.accounts.schemas.proofs import Credentials, GivenCode, GivenToken
from solarhub.accounts.sessions import Opened, end_current
from solarhub.kit.errors import Invalid, Unreadable
from solarhub.kit.http import AuthWriting, Router, describe

router = Router(prefix="/sessions", tags=["signing in"])
_RESPONSES = describe(Invalid, Unreadable)


@router.post("", status_code=status.HTTP_201_CREATED, responses=_RESPONSES)
async def sign_in_with_password(given: Credentials, desk: AtDesk, response: Response) -> SignedInAnswer:
    """Sign in. The session is in the cookie `__Host-solarhub`; the answer is the same for whatever was wrong."""
    return _answer(await sign_in.sign_in(desk, given.email, given.password.get_secret_value()), response)


@router.post("/second-factor", responses=_RESPONSES)
async def give_second_factor(given: GivenCode, desk: AtDesk, response: Response) -> SignedInAnswer:
    """Give the code that the session waits for: of the authenticator, or a recovery code."""
    return _answer(await sign_in.finish(desk, given.code.get_secret_value()), response)


@router.post("/link", status_code=status.HTTP_201_CREATED, responses=_RESPONSES)
async def sign_in_with_link(given: GivenToken, desk: AtDesk, response: Response) -> SignedInAnswer:
    """Sign in with a link that the operator of the machine made; it works once, for a quarter of an hour."""
    return _answer(await sign_in.sign_in_by_link(desk, given.token.get_secret_value()), response)


@router.delete("/current", status_code=status.HTTP_204_NO_CONTENT)
async def sign_out(session: AuthWriting, caller: Calling, response: Response) -> None:
    """Sign this browser out; it is no mistake not to have been signed in."""
    await end_current(session, caller)
    take_cookie(response)


def _answer(opened: Opened, response: Response) -> SignedInAnswer:
    give_cookie(response, opened.token, opened.lasts)
    waits = opened.awaiting_second_factor
    return SignedInAnswer(second_factor_required=waits, user_id=None if waits else opened.user.id)
