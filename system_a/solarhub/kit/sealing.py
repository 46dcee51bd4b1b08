"""Secrets that the hub must be able to read again, sealed for the place they belong to.

AES-256-GCM with the place (organization, device, field …) as associated data: a sealed text that is copied to another
row does not open there, and one that was touched opens nowhere.
"""

import os
import secrets
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEY_BYTES = 32
_NONCE_BYTES = 12
_SCHEME = "v1"


class Unsealable(Exception):  # noqa: N818 - says what a sealed text is: `except Unsealable`
    """A sealed text that does not open: another key sealed it, it was sealed for another place, or it was touched."""


class BadKey(ValueError):  # noqa: N818 - the sentence says the rest
    """The secret key cannot be read; the sentence says what one looks like."""


@dataclass(frozen=True)
class Keyring:
    """The hub's secret keys by name: the first seals, every one opens, so that a key can be changed while in use."""

    names: tuple[str, ...]
    _ciphers: dict[str, AESGCM] = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """A key a line, the present one first: `name:base64 of 32 bytes`. Raises BadKey."""
        ciphers: dict[str, AESGCM] = {}
        for number, line in enumerate(filter(None, map(str.strip, text.splitlines())), 1):
            name, colon, encoded = line.partition(":")
            try:
                key = b64decode(encoded, validate=True)
            except ValueError:
                key = b""
            if not colon or not name.isalnum() or not name.isascii() or len(key) != _KEY_BYTES or name in ciphers:
                raise BadKey(f"Line {number} of the secret key is not a new name, a colon and 32 bytes in base64.")
            ciphers[name] = AESGCM(key)
        if not ciphers:
            raise BadKey("The secret key is empty; a line of it is a name, a colon and 32 bytes in base64.")
        return cls(tuple(ciphers), ciphers)

    @classmethod
    def load_or_make(cls, path: Path) -> Self:
        """The keys in a file that only its owner reads; a new one where there is none. Raises BadKey."""
        if not path.exists():
            write_keys(path, [new_key()])
        return cls.parse(path.read_text("ascii"))

    def seal(self, plain: str, *place: object) -> str:
        """The text, sealed for `place`: the ids and names that will be known when it is opened."""
        name = self.names[0]
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._ciphers[name].encrypt(nonce, plain.encode(), _bound_to(place))
        return f"{_SCHEME}:{name}:{urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, *place: object) -> str:
        """The text that was sealed for `place`. Raises Unsealable."""
        scheme, _, rest = sealed.partition(":")
        name, _, encoded = rest.partition(":")
        cipher = self._ciphers.get(name)
        if scheme != _SCHEME or cipher is None:
            raise Unsealable("No key of this hub sealed it.")
        try:
            raw = urlsafe_b64decode(encoded)
            return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _bound_to(place)).decode()
        except (InvalidTag, ValueError):
            raise Unsealable("It was sealed for another place, or touched.") from None

    def is_current(self, sealed: str) -> bool:
        """Whether the present key sealed it; others are sealed anew when keys are changed."""
        return sealed.startswith(f"{_SCHEME}:{self.names[0]}:")


def new_key() -> str:
    """A line for `Keyring.parse`."""
    return f"k{secrets.token_hex(4)}:{b64encode(secrets.token_bytes(_KEY_BYTES)).decode()}"


def write_keys(path: Path, lines: Sequence[str]) -> None:
    """Replaces the file as a whole; it is never there half written, nor readable by others."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write("".join(f"{line}\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _bound_to(place: tuple[object, ...]) -> bytes:
    # the lengths keep ("a", "bc") apart from ("ab", "c")
    parts = [str(part).encode() for part in place]
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
