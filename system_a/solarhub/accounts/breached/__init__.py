"""Passwords that leaked somewhere once: a Bloom filter that travels with the hub and asks nobody.

A filter never misses an entry, and takes one password in a thousand for one though it is none. `SOURCE.md` beside this
file says where the entries come from, how many there are, and how the file is made.
"""

import struct
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Self

SHORTEST = 12
"""Characters; nothing shorter is a password here, so that nothing shorter is kept."""

_HEADER = struct.Struct(">4sIIB")
_MAGIC = b"SHB1"
_BITS_PER_ENTRY = 14.4
_PROBES = 10


def spelling(password: str) -> str:
    """How a password stands in the filter: a change of case makes it no better."""
    return unicodedata.normalize("NFKC", password).casefold()


@dataclass(frozen=True, slots=True)
class Filter:
    """`entries` passwords in `bits` bits, of which each sets ten."""

    entries: int
    bits: int
    body: bytes

    @classmethod
    def of(cls, passwords: Collection[str]) -> Self:
        """The filter of these, as they are spelled in it already."""
        bits = max(64, round(len(passwords) * _BITS_PER_ENTRY))
        body = bytearray((bits + 7) // 8)
        for password in passwords:
            for bit in _probes(password, bits):
                body[bit >> 3] |= 1 << (bit & 7)
        return cls(len(passwords), bits, bytes(body))

    @classmethod
    def read(cls, data: bytes) -> Self:
        """The filter that `written` made bytes of. Raises ValueError for anything else."""
        magic, entries, bits, probes = _HEADER.unpack_from(data)
        body = data[_HEADER.size :]
        if magic != _MAGIC or probes != _PROBES or len(body) != (bits + 7) // 8:
            raise ValueError("this is no filter of passwords, or one of another version")
        return cls(entries, bits, body)

    def written(self) -> bytes:
        return _HEADER.pack(_MAGIC, self.entries, self.bits, _PROBES) + self.body

    def __contains__(self, password: str) -> bool:
        return all(self.body[bit >> 3] >> (bit & 7) & 1 for bit in _probes(spelling(password), self.bits))


def _probes(password: str, bits: int) -> Iterator[int]:
    digest = sha256(password.encode()).digest()
    first, step = int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:16], "big") | 1
    return ((first + number * step) % bits for number in range(_PROBES))


@cache
def shipped() -> Filter:
    """The filter that comes with this version of the hub; read from disk once."""
    return Filter.read((files(__name__) / "passwords.bloom").read_bytes())
