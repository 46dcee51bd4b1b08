"""Passwords as mosquitto keeps them: PBKDF2 with SHA-512, `$7$rounds$salt$hash`. Pure but for the salt's chance."""

from base64 import b64encode
from hashlib import pbkdf2_hmac
from secrets import token_bytes

_ROUNDS = 101
"""What mosquitto_passwd takes. The hub's passwords hold 256 random bits, which need no slow hash."""


def hashed(password: str) -> str:
    """What stands after the user's name in a password file."""
    salt = token_bytes(12)
    return f"$7${_ROUNDS}${b64encode(salt).decode()}${b64encode(_derive(password, salt, _ROUNDS)).decode()}"


def _derive(password: str, salt: bytes, rounds: int) -> bytes:
    return pbkdf2_hmac("sha512", password.encode(), salt, rounds)
