"""Names for addresses, made of names for people: pure."""

import re
import unicodedata
from collections.abc import Iterator

LONGEST = 63


def slug_of(name: str) -> str:
    """Letters a-z, digits and single hyphens; `organization` where the name has none of them, as in Urdu."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].rstrip("-") or "organization"


def candidates(name: str, last_resort: str) -> Iterator[str]:
    """The slug, then with -2, -3 … -9, then with `last_resort` (which nobody else has) behind it."""
    slug = slug_of(name)
    yield slug
    for tail in (*map(str, range(2, 10)), last_resort):
        yield f"{slug[: LONGEST - len(tail) - 1].rstrip('-')}-{tail}"
