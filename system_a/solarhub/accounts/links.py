"""Links that work once: whoever has one proves that a letter reached them, or that they stand at the machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Literal
from uuid import UUID

from solarhub.accounts.queries import links as queries
from solarhub.kit.db import Session
from solarhub.kit.errors import FieldError, Invalid
from solarhub.kit.refusals import HIDDEN
from solarhub.kit.tokens import LINK, looks_like, new_token, sha256_of

Purpose = Literal["set_up", "sign_in", "verify_email", "change_email", "reset_password"]


@dataclass(frozen=True, slots=True)
class Link:
    """What a link was for; `email`: the address that it proves."""

    purpose: str
    user_id: UUID | None
    email: str | None


@dataclass(frozen=True, slots=True)
class _Kind:
    page: str
    lasts: timedelta


_KINDS: Mapping[Purpose, _Kind] = MappingProxyType(
    {
        "set_up": _Kind("setup", timedelta(days=1)),
        "sign_in": _Kind("sign-in", timedelta(minutes=15)),
        "verify_email": _Kind("verify-email", timedelta(days=7)),
        "change_email": _Kind("verify-email", timedelta(hours=1)),
        "reset_password": _Kind("reset-password", timedelta(hours=1)),
    }
)


async def issue(
    session: Session, public_url: str, purpose: Purpose, *, user_id: UUID | None = None, email: str | None = None
) -> str:
    """A new link in place of the person's older ones for that purpose.

    The token stands behind a `#`: no browser sends that part to a server, and no proxy writes it into a log.
    """
    await queries.remove(session, user_id, purpose)
    token = new_token(LINK)
    kind = _KINDS[purpose]
    await queries.insert(session, purpose, sha256_of(token), kind.lasts, user_id=user_id, email=email)
    return f"{public_url}/{kind.page}#{token}"


async def take(session: Session, token: str, *purposes: Purpose) -> Link | None:
    """Uses a link up; None for one that does not work, or not for this."""
    if not looks_like(token, LINK):
        return None
    row = await queries.take(session, sha256_of(token), *purposes)
    return Link(*row) if row is not None else None


async def whose(session: Session, token: str, *purposes: Purpose) -> UUID | None:
    """The person of a link that works, which is not used up.

    Who takes a link locks its person first, as everybody does who ends a person's links.
    """
    return await queries.whose(session, sha256_of(token), *purposes) if looks_like(token, LINK) else None


async def revoke(session: Session, user_id: UUID) -> None:
    """All links of a person work no more: what they would prove has changed."""
    await queries.remove(session, user_id, "sign_in", "verify_email", "change_email", "reset_password")


def spent() -> Invalid:
    """What is answered to a link that does not work."""
    return Invalid(
        [
            FieldError(
                "token",
                HIDDEN,
                "does not work: the link was used, replaced by a newer one, or has run out",
                "the part behind # of the newest link",
            )
        ],
        "This link does not work: it was used, replaced by a newer one, or has run out. Ask for a new one.",
    )
