"""Headers as portals write them, in the spelling and the alphabet of the day. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

_PLACE = re.compile(r"\{(\w+)\}")
_DEGREES = re.compile(r"[°º]\s*c|癈")
_UNIT = re.compile(r"\s*[(\[]\s*([^()\[\]]+?)\s*[)\]]\s*$")


class WrongHeader(ValueError):  # noqa: N818 - says what is the matter with it
    """A header of a map that can match nothing sensible."""


def spelled(text: str) -> str:
    """Without blanks and capitals, in plain forms of letters: "Pac (W)" and "pac(w)" are the same."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def bare(text: str) -> str:
    """The ASCII of it alone: what a wrong guess at the file's encoding leaves of a header. Empty for too little."""
    rest = "".join(letter for letter in _DEGREES.sub("", spelled(text)) if letter.isascii())
    return rest if len(re.findall(r"[a-z]", rest)) >= 3 else ""


def with_unit(text: str) -> tuple[str, str | None]:
    """Name and unit of "power_output (W)"."""
    plain = unicodedata.normalize("NFKC", text).strip()  # a portal's brackets may be those of Chinese
    found = _UNIT.search(plain)
    return (plain[: found.start()], found[1]) if found else (plain, None)


class Header(NamedTuple):
    """A header with `{n}` where a number stands: `Vpv{n}(V)`."""

    text: str
    names: frozenset[str]
    exact: re.Pattern[str]
    loose: re.Pattern[str] | None

    @classmethod
    def of(cls, text: str) -> "Header":
        """Raises WrongHeader."""
        if not spelled(text):
            raise WrongHeader("a header is empty")
        names = _PLACE.findall(text)
        if len(set(names)) < len(names):
            raise WrongHeader("names a number twice")
        rest = bare(_PLACE.sub("0", text))
        loose = _pattern(text, bare_text=True) if rest else None
        return cls(text, frozenset(names), _pattern(text, bare_text=False), loose)

    def match(self, header: str) -> Mapping[str, str] | None:
        """The numbers in a header that is this one; None for another."""
        found = self.exact.fullmatch(spelled(header))
        if found is None and self.loose is not None and (rest := bare(header)):
            found = self.loose.fullmatch(rest)
        return None if found is None else found.groupdict()


def _pattern(text: str, *, bare_text: bool) -> re.Pattern[str]:
    parts = _PLACE.split(text)
    shape = bare_part if bare_text else spelled
    fixed = [re.escape(shape(part)) for part in parts[::2]]
    places = [f"(?P<{name}>[0-9]{{1,3}})" for name in parts[1::2]]
    return re.compile("".join(piece for pair in zip(fixed, [*places, ""], strict=True) for piece in pair))


def bare_part(text: str) -> str:
    return "".join(letter for letter in _DEGREES.sub("", spelled(text)) if letter.isascii())
