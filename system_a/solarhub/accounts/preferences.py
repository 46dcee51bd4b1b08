"""`users.preferences`: how one person wants to see and hear the hub."""

from typing import Annotated

from pydantic import Field

from solarhub.accounts.vocabulary import Language
from solarhub.kit.fields import Choice, Flag, Whole
from solarhub.kit.texts import CURRENCY, TIME_ZONE, Text
from solarhub.kit.values import Value


class Notifications(Value):
    """On which ways a person wants to be told."""

    email: Annotated[bool, Flag(), Field(title="Alerts by e-mail")] = True
    sms: Annotated[bool, Flag(), Field(title="Alerts by SMS")] = False
    push: Annotated[bool, Flag(), Field(title="Alerts on the phone's screen")] = True


REFRESH_SECONDS = Whole(5, 3600, "seconds")
_VIEW = Text(32, r"[a-z][a-z0-9_]*", "a view's code of a-z, 0-9 and underscore")


class Dashboard(Value):
    """What a person sees first; `refresh_interval` in seconds."""

    # the views belong to the client and come and go with it, so they are a code here and no enum
    default_view: Annotated[str, _VIEW, Field(title="First view", examples=["overview"])] = "overview"
    refresh_interval: Annotated[int, REFRESH_SECONDS, Field(title="Seconds between refreshes")] = 30


class Preferences(Value):
    """Every key has a default, and every key is stored."""

    language: Annotated[Language, Choice(Language), Field(title="Language of letters and alerts", examples=["ur"])] = (
        Language.ENGLISH
    )
    timezone: Annotated[
        str, TIME_ZONE, Field(title="Time zone of dates in letters and alerts", examples=["Asia/Karachi"])
    ] = "Asia/Karachi"
    currency: Annotated[str, CURRENCY, Field(title="Currency of amounts", examples=["PKR"])] = "PKR"
    notifications: Notifications = Field(default_factory=Notifications, title="Ways to be told of alerts")
    dashboard: Dashboard = Field(default_factory=Dashboard, title="First screen")
