"""Who signed in."""

from dataclasses import dataclass
from uuid import UUID

from solarhub.accounts.preferences import Dashboard
from solarhub.accounts.vocabulary import Language


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a session that is in force; `second_factor`: proven in this session."""

    user_id: UUID
    session_id: UUID
    email: str
    name: str
    is_super_admin: bool
    is_verified: bool
    second_factor: bool
    language: Language
    timezone: str
    dashboard: Dashboard
