"""Who asks: a person who signed in, or a script with a key that a person made."""

from dataclasses import dataclass
from uuid import UUID

from solarhub.organizations.roles import Permission


@dataclass(frozen=True, slots=True)
class KeyPass:
    """An API key that was shown: it opens one organization, for no more than it names."""

    id: UUID
    organization_id: UUID
    permissions: frozenset[Permission]


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever asks. `user_id` is the person, or the one who made the key; `second_factor`: proven in this session."""

    user_id: UUID
    is_super_admin: bool = False
    second_factor: bool = False
    key: KeyPass | None = None

    @property
    def id(self) -> UUID:
        """The key's where a key asks, so that two keys of one maker are two."""
        return self.key.id if self.key is not None else self.user_id

    @property
    def api_key_id(self) -> UUID | None:
        return self.key.id if self.key is not None else None
