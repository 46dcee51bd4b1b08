"""Edits that name the version they change: ETag on the way out, If-Match on the way in (RFC 9110, 8.8.3 and 13.1.1)."""

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Response

from solarhub.kit.errors import PreconditionRequired, Stale, Unreadable

_TAG = re.compile(r'\s*(?P<weak>W/)?"(?P<tag>[\x21\x23-\x7e\x80-\xff]*)"\s*')
_BARE = re.compile(r"\s*(?P<tag>[0-9]+)\s*")


@dataclass(frozen=True, slots=True)
class Expected:
    """The versions that an edit may change; `any_version` for `If-Match: *`."""

    versions: frozenset[str]
    any_version: bool = False

    def check(self, version: int) -> None:
        """Raises Stale with both versions unless `version` is among them."""
        if self.any_version or str(version) in self.versions:
            return
        raise Stale(expected=sorted(self.versions), current=version)


def parse_if_match(header: str | None) -> Expected:
    """Reads the header; PreconditionRequired when it is absent, Unreadable when it is no list of entity tags.

    A weak tag is read and matches nothing, as the RFC demands. A bare number is taken for that version's tag.
    """
    if header is None or not header.strip():
        raise PreconditionRequired
    if header.strip() == "*":
        return Expected(frozenset(), any_version=True)
    versions = set()
    for part in header.split(","):
        found = _TAG.fullmatch(part) or _BARE.fullmatch(part)
        if found is None:
            raise Unreadable('If-Match holds the version that you read, in quotes: If-Match: "3".')
        weak = found.groupdict().get("weak")
        versions.add(f"W/{found['tag']}" if weak else found["tag"])
    return Expected(frozenset(versions))


async def _if_match(
    if_match: Annotated[
        list[str] | None,
        Header(
            alias="If-Match",
            title="Version that is changed",
            examples=[['"3"']],
            description='The version that is changed, as its ETag: `"3"`. `*` means any.',
        ),
    ] = None,
) -> Expected:
    return parse_if_match(",".join(if_match) if if_match else None)


IfMatch = Annotated[Expected, Depends(_if_match)]


def tag(response: Response, version: int) -> None:
    """Sets the ETag of what the answer shows."""
    response.headers["ETag"] = f'"{version}"'
