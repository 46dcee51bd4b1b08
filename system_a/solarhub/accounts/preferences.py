"""`users.preferences`: how one person wants to see and hear the hub."""

from typing import Annotated

from pydantic import Field

from solarhub.accounts.vocabulary import Language
from solarhub.kit.fields import Choice, Flag, Whole
from solarhub.kit.texts import CURRENCY, TIME_ZONE, Text
from solarhub.kit.values import Value


class Notifications(Value):
    """On which ways a person wants to be told."""

    email: Annotated[bool, Flag()] = True
    sms: Annotated[bool, Flag()] = False
    push: Annotated[bool, Flag()] = True


class Dashboard(Value):
    """What a person sees first; `refresh_interval` in seconds."""

    # the views belong to the client and come and go with it, so they are a code here and no enum
    default_view: Annotated[str, Text(32, r"[a-z][a-z0-9_]*", "a view's code of a-z, 0-9 and underscore")] = "overview"
    refresh_interval: Annotated[int, Whole(5, 3600, "seconds")] = 30


class Preferences(Value):
    """Every key has a default, and every key is stored."""

    language: Annotated[Language, Choice(Language)] = Language.ENGLISH
    timezone: Annotated[str, TIME_ZONE] = "Asia/Karachi"
    currency: Annotated[str, CURRENCY] = "PKR"
    notifications: Notifications = Field(default_factory=Notifications)
    dashboard: Dashboard = Field(default_factory=Dashboard)
