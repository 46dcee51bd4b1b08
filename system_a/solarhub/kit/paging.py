"""A page of a long list: what the caller asks for, and what the answer says about the whole."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Generic, Literal, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from solarhub.kit.fields import FieldKind
from solarhub.kit.refusals import kind_of, refusal

COUNT_CEILING = 10_000
"""Rows are counted up to here; beyond it an exact total costs more than anybody reads (unless they ask for it)."""


class Page(BaseModel):
    """The query parameters `limit`, `offset` and `total` of every list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limit: int = Field(default=50, ge=1, le=500, title="Rows on a page")
    offset: int = Field(default=0, ge=0, le=2**31 - 1, title="Rows to skip", description="How many rows come before")
    total: Literal["bounded", "exact"] = Field(
        default="bounded",
        title="How rows are counted",
        description=f"`bounded` counts to {COUNT_CEILING:,} and then says that there are more",
    )

    @property
    def count_limit(self) -> int | None:
        """How many rows a count may visit: one more than the ceiling tells "just as many" from "more"."""
        return None if self.total == "exact" else COUNT_CEILING + 1

    @property
    def row_limit(self) -> int:
        """How many rows to read."""
        return self.limit


T = TypeVar("T")


class Listing(BaseModel, Generic[T]):
    """One page of a list. `total` is a lower bound when `total_is_exact` is false."""

    items: list[T] = Field(title="Rows of this page")
    total: int = Field(title="Rows in the whole list", examples=[291])
    total_is_exact: bool = Field(title="All rows are counted", description="False: there are more than `total`")
    limit: int = Field(title="Rows on a page", examples=[50])
    offset: int = Field(title="Rows before this page", examples=[0])

    @classmethod
    def of(cls, items: list[T], counted: int, page: Page) -> Self:
        """`counted` is what a count under `page.count_limit` returned."""
        exact = page.count_limit is None or counted < page.count_limit
        return cls(
            items=items,
            total=counted if exact else COUNT_CEILING,
            total_is_exact=exact,
            limit=page.limit,
            offset=page.offset,
        )


# ------------------------------------------------------------------------------------------------------- by position

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_EARLIEST = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
_LATEST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place of a row in a list that is sorted by id, or by a time and then by id; `str()` is what clients get.

    It tells nothing that the row itself does not tell, so it is neither signed nor secret.
    """

    id: UUID
    at: datetime | None = None

    def __str__(self) -> str:
        moment = b"" if self.at is None else ((self.at - _EPOCH) // _MICROSECOND).to_bytes(8, "big", signed=True)
        return base64.urlsafe_b64encode(moment + self.id.bytes).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """None for what `str()` of no cursor would have written."""
        try:
            packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        if len(packed) == 16:
            found = cls(UUID(bytes=packed))
        elif len(packed) == 24:
            microseconds = int.from_bytes(packed[:8], "big", signed=True)
            if not _EARLIEST <= microseconds <= _LATEST:
                return None
            found = cls(UUID(bytes=packed[8:]), _EPOCH + microseconds * _MICROSECOND)
        else:
            return None
        return found if str(found) == text else None


@dataclass(frozen=True, slots=True)
class _CursorKind(FieldKind):
    timed: bool

    @property
    def allowed(self) -> str:
        return "the `next_cursor` of an answer of this list, as it was given"

    def check(self, value: Any) -> Cursor:
        if isinstance(value, Cursor):
            found: Cursor | None = value
        elif isinstance(value, str):
            found = Cursor.parse(value)
        else:
            raise refusal(f"must be text, not {kind_of(value)}", self.allowed)
        if found is None or (found.at is not None) is not self.timed:
            raise refusal("is no cursor of this list", self.allowed)
        return found

    def schema(self) -> dict[str, Any]:
        length = 32 if self.timed else 22
        return {"type": "string", "pattern": "^[A-Za-z0-9_-]+$", "minLength": length, "maxLength": length}


ById = Annotated[Cursor, _CursorKind(timed=False)]
"""The cursor of a list that is sorted by id."""

ByTime = Annotated[Cursor, _CursorKind(timed=True)]
"""The cursor of a list that is sorted by a time, and by id where times are the same."""

C = TypeVar("C")


class CursorPage(Page, Generic[C]):
    """`Page` for lists that grow while they are read: beside `offset` they take the `cursor` of the page before.

    Used as `class AuditFilter(CursorPage[ById])`.
    """

    cursor: C | None = Field(
        default=None,
        title="Where to go on",
        description="`next_cursor` of the page before: rows that came in meanwhile move nothing. Not with `offset`",
    )

    @field_validator("cursor")
    @classmethod
    def _instead_of_an_offset(cls, cursor: C | None, info: ValidationInfo) -> C | None:
        if cursor is not None and info.data.get("offset", 0):
            raise refusal("cannot be given together with an offset", "a cursor, or an offset, or neither")
        return cursor

    @property
    def row_limit(self) -> int:
        """How many rows to read: one more than is shown tells whether there is a next page."""
        return self.limit + 1


R = TypeVar("R")


class CursorListing(Listing[T], Generic[T]):
    """One page of a list, and where the next one begins."""

    next_cursor: str | None = Field(
        title="Where the next page begins",
        description="Give it back as `cursor`; null on the last page",
        examples=["AZeowFsOfDqdVC8fbwx6EQ"],
    )

    @classmethod
    def up_to(
        cls,
        rows: Sequence[R],
        counted: int,
        page: CursorPage[Any],
        *,
        show: Callable[[R], T],
        place: Callable[[R], Cursor],
    ) -> Self:
        """`rows` are at most `page.row_limit`; `show` makes an item of a row, `place` says where it stands."""
        shown = rows[: page.limit]
        return cls(
            **dict(Listing.of([show(row) for row in shown], counted, page)),
            next_cursor=str(place(shown[-1])) if len(rows) > page.limit else None,
        )
