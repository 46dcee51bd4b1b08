"""Times of the database: several hubs work on one, and their clocks differ."""

from datetime import datetime

import sqlalchemy as sa


def seconds_from_now(seconds: float) -> sa.ColumnElement[datetime]:
    return sa.func.now() + sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)
