"""`organizations.settings`: what an organization asks of its people, and in which language it speaks to strangers."""

from typing import Annotated

from pydantic import Field

from solarhub.accounts.vocabulary import Language
from solarhub.kit.fields import Choice, Flag, Whole
from solarhub.kit.texts import TIME_ZONE
from solarhub.kit.values import Value

SHORTEST_KEPT_DAYS = 31
"""Single samples are kept so long at least, whatever an organization says."""


class OrganizationSettings(Value):
    """Every key has a default, and every key is stored.

    `require_second_factor` asks owners and admins for an authenticator. `language` and `timezone` are for what belongs
    to no person: an invitation to somebody whom the hub does not know yet, a report of the whole organization.
    `samples_kept_days` is how long every single sample is kept; energy and means of quarters, hours and days stay for
    good, and so does what was imported.
    """

    require_second_factor: Annotated[bool, Flag(), Field(title="Owners and admins need an authenticator")] = False
    language: Annotated[Language, Choice(Language), Field(title="Language for strangers", examples=["en"])] = (
        Language.ENGLISH
    )
    timezone: Annotated[str, TIME_ZONE, Field(title="Time zone of reports", examples=["Asia/Karachi"])] = "Asia/Karachi"
    samples_kept_days: Annotated[
        int,
        Whole(SHORTEST_KEPT_DAYS, 3660, "days"),
        Field(title="How long single samples are kept, in days", examples=[400]),
    ] = 400
