"""The words of notifications that the database also knows."""

from enum import StrEnum


class Way(StrEnum):
    """`notifications.channel`: how a message reaches somebody."""

    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"
    WEBHOOK = "webhook"
    WHATSAPP = "whatsapp"


class State(StrEnum):
    """`notifications.state`. The last three are ends; `cancelled` was never sent, and nobody is to be sorry for it."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"
