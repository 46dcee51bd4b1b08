"""A page of a long list: what the caller asks for, and what the answer says about the whole."""

from typing import Generic, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field

COUNT_CEILING = 10_000
"""Rows are counted up to here; beyond it an exact total costs more than anybody reads (unless they ask for it)."""


class Page(BaseModel):
    """The query parameters `limit`, `offset` and `total` of every list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limit: int = Field(default=50, ge=1, le=500)
    offset: int = Field(default=0, ge=0, le=2**31 - 1)
    total: Literal["bounded", "exact"] = Field(
        default="bounded", description=f"`bounded` counts to {COUNT_CEILING:,} and then says that there are more"
    )

    @property
    def count_limit(self) -> int | None:
        """How many rows a count may visit: one more than the ceiling tells "just as many" from "more"."""
        return None if self.total == "exact" else COUNT_CEILING + 1


T = TypeVar("T")


class Listing(BaseModel, Generic[T]):
    """One page of a list. `total` is a lower bound when `total_is_exact` is false."""

    items: list[T]
    total: int
    total_is_exact: bool
    limit: int
    offset: int

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
