"""People as requests name them and answers show them."""

import re
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from solarhub.accounts.preferences import Preferences
from solarhub.kit.answers import Answer, Public
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


class Person(Value):
    """Somebody whom another person enters; the e-mail address is who they are."""

    email: Annotated[str, EMAIL]
    first_name: Annotated[str, NAME]
    last_name: Annotated[str, NAME]
    phone: Annotated[str, PHONE] | None = None
    preferences: Preferences = Field(default_factory=Preferences)


class PersonAnswer(Answer):
    """A person as others see them."""

    id: UUID
    email: str
    first_name: str
    last_name: str
    phone: str | None
    preferences: Public[Preferences]
    created_at: datetime
