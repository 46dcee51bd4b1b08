"""What a password must be: long, nobody's first guess, and not the person's own name. Nothing else is asked of it."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import pairwise

from solarhub.accounts.breached import SHORTEST, shipped

LONGEST = 128
ALLOWED = (
    f"{SHORTEST} to {LONGEST} characters of any kind, such as four words that do not belong together; "
    "no common or leaked password, no name of yours"
)

_HUBS_WORDS = ("solarhub", "solar", "hub", "password", "inverter")
_SHORTEST_WORD = 3
_LEAST_SUBSTANCE = 6
"""Characters that do not follow from those before them, once a person's own words are taken out."""

_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {
    pair: direction
    for row in _ROWS
    for first, second in pairwise(row)
    for pair, direction in (((first, second), 1), ((second, first), -1))
}


def normal(password: str) -> str:
    """The password as it is hashed: the same characters, however a keyboard composed them (NFKC), all of them."""
    return unicodedata.normalize("NFKC", password)


def length_trouble(password: str) -> str | None:
    """What is wrong with its length or its characters; completes the sentence that the field's name begins."""
    if any("\ud800" <= character <= "\udfff" for character in password):
        return "must not contain halves of characters"
    length = len(normal(password))
    if length < SHORTEST:
        return f"must be at least {SHORTEST} characters long"
    if length > LONGEST:
        return f"must be at most {LONGEST} characters long"
    return None


def trouble(password: str, own_words: Iterable[str] = ()) -> str | None:
    """Why this password is not taken, or None; `own_words` are `words_of` whatever names the person."""
    wrong = length_trouble(password)
    if wrong is not None:
        return wrong
    text = normal(password).casefold()
    unit = _repeated(text)
    if (len(unit) < SHORTEST and unit != text) or _substance(text) < _LEAST_SUBSTANCE:
        return "must not be a simple repetition or sequence"
    if password in shipped():
        return "is among the common or leaked passwords that guessers try first"
    rest = _without(text, {*own_words, *_HUBS_WORDS})
    if rest != text and _substance(rest) < _LEAST_SUBSTANCE:
        return "must not be made of your name, your e-mail address, your organization or the hub's own words"
    return None


def words_of(*names: str | None) -> frozenset[str]:
    """The words of names and e-mail addresses, each also joined with the next and turned round."""
    found: set[str] = set()
    for name in names:
        parts = [part for part in re.split(r"[\W_]+", normal(name or "").casefold()) if part]
        for word in (*parts, *("".join(pair) for pair in pairwise(parts))):
            if len(word) >= _SHORTEST_WORD:
                found |= {word, word[::-1]}
    return frozenset(found)


def _without(text: str, words: Iterable[str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, "")
    return text


def _repeated(text: str) -> str:
    """The part that a text says again and again: `abc` of `abcabcab`; the text itself where there is none."""
    for length in range(1, len(text) // 2 + 1):
        if all(character == text[index % length] for index, character in enumerate(text)):
            return text[:length]
    return text


def _substance(text: str) -> int:
    """How many characters do not follow from those before them, as in 1111, abcd, 4321 or qwerty."""
    return sum(1 for _ in _surprises(_repeated(text)))


def _surprises(text: str) -> Iterator[str]:
    before: int | None = None
    for index, character in enumerate(text):
        pair = (text[index - 1], character)
        step = None if index == 0 else 0 if pair[0] == pair[1] else _NEIGHBOURS.get(pair)
        if step is None or step not in (before, 0):
            yield character
        before = step
