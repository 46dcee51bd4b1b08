"""Pages on which people come in, and look after their account. Each calls the API with its own script.

A token stands behind the # of its link: no browser sends that part, so that none of these ever sees one.
"""

from fastapi import APIRouter, Response, status
from fastapi.responses import RedirectResponse

from solarhub.accounts.preferences import REFRESH_SECONDS
from solarhub.pages.api.drawn import page
from solarhub.pages.deps import DrawnIn, Visitor
from solarhub.pages.texts import texts
from solarhub.pages.views import view_of

router = APIRouter(include_in_schema=False)


@router.get("/sign-in")
async def sign_in_page(visitor: Visitor, language: DrawnIn) -> Response:
    """E-mail address and password, then the second factor; or a link that signs in once."""
    heading = texts(language)["sign_in"]
    return page("sign_in.html", language, heading=heading, opening=False, signed_in=visitor is not None)


@router.get("/open")
async def open_page(visitor: Visitor, language: DrawnIn) -> Response:
    """The same, for whoever comes with a link that signs in once."""
    heading = texts(language)["sign_in"]
    return page("sign_in.html", language, heading=heading, opening=True, signed_in=visitor is not None)


@router.get("/setup")
async def setup_page(language: DrawnIn) -> Response:
    """The first person of a new hub."""
    return page("setup.html", language, heading=texts(language)["setup"])


@router.get("/invitation")
async def invitation_page(language: DrawnIn) -> Response:
    """What an invitation is for, and whatever stands between its holder and taking it up."""
    return page("invitation.html", language, heading=texts(language)["invitation"])


@router.get("/reset-password")
async def reset_password_page(language: DrawnIn) -> Response:
    """Asks for a letter; with the link in that letter, for a new password."""
    return page("reset_password.html", language, heading=texts(language)["reset"])


@router.get("/verify-email")
async def verify_email_page(language: DrawnIn) -> Response:
    """Where the link in a letter leads that proves an e-mail address."""
    return page("verify_email.html", language, heading=texts(language)["verify"])


@router.get("/account")
async def account_page(visitor: Visitor, language: DrawnIn) -> Response:
    """Password, address, second factor, language, first view, and where one is signed in."""
    if visitor is None:
        return RedirectResponse("/sign-in?next=/account", status.HTTP_303_SEE_OTHER)
    return page(
        "account.html",
        language,
        heading=texts(language)["account"],
        name=visitor.name,
        email=visitor.email,
        is_verified=visitor.is_verified,
        first_view=view_of(None, visitor.dashboard.default_view).value,
        refresh_interval=visitor.dashboard.refresh_interval,
        refresh_seconds=REFRESH_SECONDS,
    )
