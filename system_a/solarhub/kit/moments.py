"""Instants as requests name them."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

Instant = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))]
"""With its offset, and far enough from the ends of the calendar that every time zone can tell it."""
