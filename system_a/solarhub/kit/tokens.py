"""Tokens that open something by themselves: 256 random bits behind a prefix that says what kind it is.

A prefix lets a scanner of leaked secrets find them. The hub keeps the SHA-256 alone: what holds 256 random bits needs
no slow hash.
"""

import re
import secrets
from hashlib import sha256

DEVICE = "shd_"
API_KEY = "shk_"
SESSION = "shs_"
LINK = "shl_"
INVITATION = "shi_"

_TOKENS = re.compile(r"\b(sh[a-z]_)[A-Za-z0-9_-]+")
_RANDOM_CHARACTERS = 43  # 32 bytes in base64 without its padding


def new_token(prefix: str) -> str:
    """A token that has never been before."""
    return prefix + secrets.token_urlsafe(32)


def sha256_of(token: str) -> bytes:
    """What is kept of a token, and what it is found by."""
    return sha256(token.encode()).digest()


def looks_like(token: str, prefix: str) -> bool:
    """Whether it has the shape of such a token; anything else need not be looked for."""
    return len(token) == len(prefix) + _RANDOM_CHARACTERS and token.startswith(prefix) and token.isascii()


def without_tokens(text: str) -> str:
    """A text for the log, without what opens something: `/api/v1/shd_***/telemetry`."""
    return _TOKENS.sub(r"\1***", text)
