"""Fields that take a secret: checked like any text, wrapped so that nothing prints them, never shown in an error."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, SecretStr

from solarhub.accounts.breached import SHORTEST
from solarhub.accounts.password_rules import ALLOWED, LONGEST, length_trouble
from solarhub.kit.fields import FieldKind
from solarhub.kit.refusals import kind_of, refusal

_LONGEST_GIVEN = 1024
"""Far above what anything here is; more is not hashed."""


@dataclass(frozen=True, slots=True)
class SecretText(FieldKind):
    """Text of any characters that is not shown again; `meaning` says what it is."""

    meaning: str
    maximum: int = _LONGEST_GIVEN

    @property
    def allowed(self) -> str:
        return self.meaning

    def check(self, value: Any) -> Any:
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if not isinstance(text, str):
            raise refusal(f"must be text, not {kind_of(text)}", self.allowed)
        if not text:
            raise refusal("must not be empty", self.allowed)
        if len(text) > self.maximum:
            raise refusal(f"must be at most {self.maximum} characters long", self.allowed)
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise refusal("must not contain halves of characters", self.allowed)
        self.judge(text)
        return SecretStr(text)

    def judge(self, text: str) -> None:
        """What else is asked of it; raises `refusal(...)`."""

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "password", "minLength": 1, "maxLength": self.maximum}


@dataclass(frozen=True, slots=True)
class NewPassword(SecretText):
    """A password that somebody chooses; whether it is a common one is judged later, beside the person's own words."""

    meaning: str = ALLOWED

    def judge(self, text: str) -> None:
        wrong = length_trouble(text)
        if wrong is not None:
            raise refusal(wrong, self.allowed)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "password", "minLength": SHORTEST, "maxLength": LONGEST}


_WRITE_ONLY: dict[str, Any] = {"writeOnly": True}

_NEW_PASSWORD = Field(
    title="New password",
    description=ALLOWED,
    examples=["tea stall beside the neem tree"],
    json_schema_extra=_WRITE_ONLY,
)

ChosenPassword = Annotated[SecretStr, NewPassword(), _NEW_PASSWORD]
"""A password that somebody chooses."""

MaybeChosenPassword = Annotated[Annotated[SecretStr, NewPassword()] | None, _NEW_PASSWORD]
"""The same, for a form that somebody with an account leaves it out of."""

PresentPassword = Annotated[
    SecretStr,
    SecretText("the password you sign in with"),
    Field(title="Password", examples=["mango kettle seventeen rooftops"], json_schema_extra=_WRITE_ONLY),
]
"""A password that is compared with the one there is."""

LinkToken = Annotated[
    SecretStr,
    SecretText("the part of a link behind #"),
    Field(
        title="Token of the link",
        description="The part behind `#` of the link that you got",
        examples=["shl_Xb2mK0q0yS3pT5cVnJr8eWg1uDfLz7hA4iQoRtY6kEw"],
        json_schema_extra=_WRITE_ONLY,
    ),
]
"""What opens something once."""

Code = Annotated[
    SecretStr,
    SecretText("six digits of the authenticator, or a recovery code", 64),
    Field(
        title="Code",
        description="The six digits that the authenticator shows now, or a recovery code",
        examples=["492039", "7Q2M-K9XD-41TB-ZRW8"],
        json_schema_extra=_WRITE_ONLY,
    ),
]
"""A second factor."""
