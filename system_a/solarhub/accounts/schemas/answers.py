"""What accounts answer. No hash is among it, and no token: that is in the cookie alone."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from solarhub.accounts.preferences import Preferences
from solarhub.accounts.vocabulary import UserRole
from solarhub.kit.answers import Answer, Public, Recorded

_Email = Annotated[str, Field(title="E-mail address", examples=["ayesha@example.com"])]
_FirstName = Annotated[str, Field(title="First name", examples=["Ayesha"])]
_LastName = Annotated[str, Field(title="Last name", examples=["Khan"])]
_Phone = Annotated[str | None, Field(title="Mobile number", examples=["+92 300 1234567"])]
_HasSecondFactor = Annotated[
    bool, Field(title="Second factor is on", description="Whether a code is asked for after the password")
]


class SignedInAnswer(Answer):
    """How far somebody got. The session itself is in the cookie."""

    second_factor_required: Annotated[
        bool,
        Field(
            title="A code is still needed",
            description="The session opens nothing until `POST /sessions/second-factor` got it, within ten minutes",
            examples=[False],
        ),
    ]
    user_id: Annotated[UUID | None, Field(title="Person", description="Null until the code was given")]


class UserAnswer(Recorded):
    """A person as those who run the hub see them."""

    email: _Email
    first_name: _FirstName
    last_name: _LastName
    phone: _Phone
    role: Annotated[
        UserRole,
        Field(
            title="Role on the whole hub",
            description="Only `super_admin` means anything; what a person may do elsewhere is decided by memberships",
        ),
    ]
    is_active: Annotated[bool, Field(title="May sign in")]
    is_verified: Annotated[bool, Field(title="E-mail address is verified")]
    second_factor: _HasSecondFactor


class MeAnswer(Recorded):
    """Yourself."""

    email: _Email
    first_name: _FirstName
    last_name: _LastName
    phone: _Phone
    role: Annotated[UserRole, Field(title="Role on the whole hub")]
    is_verified: Annotated[bool, Field(title="E-mail address is verified")]
    preferences: Annotated[Public[Preferences], Field(title="How you want to see and hear the hub")]
    second_factor: _HasSecondFactor
    recovery_codes_left: Annotated[int, Field(title="Recovery codes left", examples=[10])]


class SessionAnswer(Answer):
    """One browser in which you are signed in."""

    id: UUID = Field(title="Id")
    current: Annotated[bool, Field(title="This one")]
    address: Annotated[str | None, Field(title="Signed in from", examples=["192.0.2.7"])]
    user_agent: Annotated[str | None, Field(title="Browser", examples=["Mozilla/5.0 (X11; Linux x86_64)"])]
    second_factor: Annotated[bool, Field(title="Signed in with a second factor")]
    created_at: Annotated[datetime, Field(title="Signed in at")]
    last_seen_at: Annotated[datetime, Field(title="Last used", description="To the minute")]
    expires_at: Annotated[
        datetime, Field(title="Ends at the latest", description="Earlier when it is not used for some days")
    ]


class EnrolmentAnswer(Answer):
    """What goes into an authenticator app; it is shown once, and counts once its first code was given."""

    secret: Annotated[
        str, Field(title="Key to type", description="Base32", examples=["JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"])
    ]
    address: Annotated[
        str,
        Field(
            title="Address for an app on the same device",
            examples=["otpauth://totp/Solar%20Hub:ayesha%40example.com?secret=JBSWY3DPEHPK3PXP&issuer=Solar%20Hub"],
        ),
    ]
    qr_svg: Annotated[str, Field(title="QR code to scan", description="An SVG drawing of the address")]


class RecoveryCodesAnswer(Answer):
    """Ten codes for the day the authenticator is lost; each works once, and they are shown once."""

    recovery_codes: Annotated[list[str], Field(title="Recovery codes", examples=[["7Q2M-K9XD-41TB-ZRW8"]])]


class LetterAnswer(Answer):
    """A letter that this hub would have sent, had it a mail server."""

    id: UUID = Field(title="Id")
    recipient: Annotated[str, Field(title="To", examples=["ayesha@example.com"])]
    event: Annotated[str, Field(title="What it is about", examples=["account.verify_email"])]
    subject: Annotated[str, Field(title="Subject", examples=["Confirm your e-mail address"])]
    created_at: Annotated[datetime, Field(title="Written at")]


class WholeLetterAnswer(LetterAnswer):
    """A letter with its text. Its link is in it until it was wiped: whoever reads it can do what its recipient can."""

    text: Annotated[str, Field(title="Text")]
    has_link: Annotated[bool, Field(title="Its link is still in the text")]
