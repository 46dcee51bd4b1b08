"""People as requests name them and answers show them."""

import re
from typing import Annotated

from pydantic import Field

from solarhub.accounts.preferences import Preferences
from solarhub.kit.answers import unchanged
from solarhub.kit.texts import Parsed, Text
from solarhub.kit.values import Value

# A dot-atom and a host name. Quoted local parts exist in the RFC and in nobody's address book.
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")


def _email_trouble(text: str) -> str | None:
    return None if _EMAIL.fullmatch(text) else "is not an e-mail address"


EMAIL = Parsed(254, "an e-mail address such as ayesha@example.com", _email_trouble, "email")
"""The kind of a field that holds an e-mail address, as it was typed: accounts keep it in lower case."""

PHONE = Text(24, r"\+?[0-9][0-9 -]{5,22}", "a telephone number such as +92 300 1234567")
NAME = Text(100)

_Email = Annotated[str, EMAIL, Field(title="E-mail address", examples=["ayesha@example.com"])]
_FIRST_NAME = Field(title="First name", examples=["Ayesha"])
_LAST_NAME = Field(title="Last name", examples=["Khan"])

FirstName = Annotated[str, NAME, _FIRST_NAME]
LastName = Annotated[str, NAME, _LAST_NAME]
MaybeFirstName = Annotated[Annotated[str, NAME] | None, _FIRST_NAME]
MaybeLastName = Annotated[Annotated[str, NAME] | None, _LAST_NAME]
MaybePhone = Annotated[Annotated[str, PHONE] | None, Field(title="Mobile number", examples=["+92 300 1234567"])]


class Person(Value):
    """Somebody whom another person enters; the e-mail address is who they are."""

    email: _Email
    first_name: FirstName
    last_name: LastName
    phone: MaybePhone = None
    preferences: Preferences = Field(default_factory=Preferences, title="How they want to see and hear the hub")


class ProfileChange(Value):
    """A merge patch: what is left out stays; `preferences` are replaced whole."""

    first_name: FirstName = unchanged()
    last_name: LastName = unchanged()
    phone: MaybePhone = unchanged()
    preferences: Annotated[Preferences, Field(title="How you want to see and hear the hub")] = unchanged()
