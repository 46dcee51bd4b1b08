"""Answers of which there may be tens of thousands of parts: written as they are, without a model for each."""

from typing import Any

import msgspec
from starlette.responses import Response

from solarhub.kit.paging import Listing, Page


def as_it_is(answer: dict[str, Any]) -> Response:
    """Plain values as JSON. Whoever answers so declares the model whose form they have."""
    return Response(msgspec.json.encode(answer), media_type="application/json")


def listing_as_it_is(items: list[dict[str, Any]], counted: int, page: Page) -> Response:
    """A page of them."""
    listing: Listing[Any] = Listing.of([], counted, page)
    return as_it_is({**listing.__dict__, "items": items})
