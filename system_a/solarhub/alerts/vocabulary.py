"""The words of alerts: the database's enums first, then the choices inside `condition` and `channels`."""

from enum import StrEnum


class AlertSeverity(StrEnum):
    """`alert_severity`."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class AlertStatus(StrEnum):
    """`alert_status`."""

    ACTIVE = "active"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    EXPIRED = "expired"


OPEN = (AlertStatus.ACTIVE, AlertStatus.ACKNOWLEDGED)
"""Somebody still has to see to these."""


class Channel(StrEnum):
    """How a person is told: the elements of `alert_rules.channels` and `alerts.notifications_sent`."""

    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"
    WEBHOOK = "webhook"
    WHATSAPP = "whatsapp"


class AlertEvent(StrEnum):
    """What is announced of an alert; messages about it are of the event `alert.opened` or `alert.closed`."""

    OPENED = "opened"
    CLOSED = "closed"


class Order(StrEnum):
    """How a list of alerts is sorted, by the time at which they fired."""

    NEWEST = "newest"
    OLDEST = "oldest"


class Act(StrEnum):
    """What somebody did with an alert."""

    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    COMMENT = "comment"


class Operator(StrEnum):
    """How a value is held against the threshold."""

    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    EQ = "eq"
    NEQ = "neq"


class When(StrEnum):
    """Which samples are judged: every one, or those taken while the sun is up at the site."""

    ALWAYS = "always"
    DAYLIGHT = "daylight"
