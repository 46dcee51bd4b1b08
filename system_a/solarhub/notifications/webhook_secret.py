"""What a webhook's messages are signed with: shown to the organization once, sealed for its row."""

import secrets
from base64 import b64encode
from uuid import UUID

from solarhub.kit.sealing import Keyring

PLACE = "secret"
_BYTES = 32


def new_secret() -> str:
    """`whsec_` and 256 random bits, as standardwebhooks.com writes them."""
    return "whsec_" + b64encode(secrets.token_bytes(_BYTES)).decode()


def seal_secret(keyring: Keyring, secret: str, organization_id: UUID, webhook_id: UUID) -> str:
    """For `webhooks.secret_sealed` of that row."""
    return keyring.seal(secret, organization_id, webhook_id, PLACE)


def open_secret(keyring: Keyring, sealed: str, organization_id: UUID, webhook_id: UUID) -> str:
    """Raises Unsealable."""
    return keyring.open(sealed, organization_id, webhook_id, PLACE)
