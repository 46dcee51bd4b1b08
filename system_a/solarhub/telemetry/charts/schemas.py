"""A chart as it is asked for and answered: columns of numbers, as drawing libraries take them."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from solarhub.kit.answers import Answer
from solarhub.kit.errors import FieldError, Invalid
from solarhub.kit.refusals import shown
from solarhub.metrics import Catalogue, Metric, UnknownMetric
from solarhub.telemetry.charts.drawing import Asked, Chart, Drawn, Source
from solarhub.telemetry.charts.thinning import Thinning

_Instant = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))]
_LONGEST = timedelta(days=366 * 30)


class ChartWanted(BaseModel):
    """The query parameters of a chart."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: list[str] = Field(
        min_length=1,
        max_length=10,
        title="Metrics",
        description="Names of the catalogue, each with its channel behind a colon where it has one",
        examples=[["power_output", "voltage_dc:string3"]],
    )
    device_id: list[UUID] = Field(default=[], max_length=50, title="Devices, a line each")
    site_id: list[UUID] = Field(default=[], max_length=100, title="Plants, a line each: the total of their devices")
    from_: _Instant | None = Field(
        default=None,
        alias="from",
        title="From",
        description="Default: a day before `to`",
        examples=["2026-06-21T00:00:00+05:00"],
    )
    to: _Instant | None = Field(default=None, title="To", description="Not included. Default: now")
    points: int = Field(default=600, ge=10, le=5000, title="Points that a line may have, about one a pixel")
    thinning: Thinning = Field(
        default=Thinning.MIN_MAX,
        title="How points are chosen",
        description="`minmax` keeps every peak, `lttb` the shape with the fewest points",
    )

    def asked(self, known: Catalogue, now: datetime) -> Asked:
        """`known`: the metrics of the organization. Raises Invalid."""
        if not self.device_id and not self.site_id:
            message = "is required, or else a site_id"
            raise Invalid([FieldError("device_id", None, message, "ids of devices, or of plants for their totals")])
        end = (self.to or now).astimezone(UTC)
        start = (self.from_ or end - timedelta(days=1)).astimezone(UTC)
        if not timedelta(0) < end - start <= _LONGEST:
            raise Invalid([FieldError("to", end.isoformat(), "is not after from", "an instant after from")])
        series = [_series(name, known) for name in dict.fromkeys(self.metric)]
        return Asked(series, self.device_id, self.site_id, start, end, self.points, self.thinning)


def _series(name: str, known: Catalogue) -> tuple[Metric, str]:
    metric, _, channel = name.partition(":")
    try:
        return known.readable(metric), known.format_series(metric, channel or None)
    except UnknownMetric as error:
        raise Invalid([FieldError("metric", shown(metric), str(error), list(known))]) from error
    except ValueError as error:
        raise Invalid([FieldError("metric", shown(name), str(error), "metric or metric:channel")]) from error


Column = list[float | None]


class LineAnswer(Answer):
    """A line: the n-th `value` was at the n-th instant of `at`. Null is a gap, in which nothing was told.

    `low` and `high` are there where a value stands for a time: the least and the greatest that was measured in it.
    """

    device_id: UUID | None = Field(title="Device", description="Null: the total of a plant")
    site_id: UUID | None = Field(title="Plant", description="Null: a single device")
    name: str = Field(title="Whose line it is", examples=["Inverter 1"])
    metric: str = Field(title="Metric", examples=["power_output"])
    channel: str | None = Field(title="Channel", examples=["string3"])
    unit: str = Field(title="Unit", examples=["kW"])
    at: list[int] = Field(title="Instants, in milliseconds since 1970 (UTC)", examples=[[1782032400000]])
    value: Column = Field(title="Values, in the unit", examples=[[2.9]])
    low: Column | None = Field(title="Least")
    high: Column | None = Field(title="Greatest")


class ChartAnswer(Answer):
    """Lines over one window, thinned to so many points that peaks and gaps are still to be seen."""

    start: datetime = Field(serialization_alias="from", title="From")
    to: datetime = Field(title="To", description="Not included")
    source: Source = Field(
        title="What they are drawn from", description="`raw`: every value; else quarters of an hour, hours or days"
    )
    lines: list[LineAnswer] = Field(title="What is drawn")


def chart_told(chart: Chart, asked: Asked) -> dict[str, Any]:
    """A ChartAnswer as plain values."""
    return {
        "from": asked.start,
        "to": asked.end,
        "source": chart.source,
        "lines": [_line_told(each) for each in chart.lines],
    }


def _line_told(drawn: Drawn) -> dict[str, Any]:
    line = drawn.line
    return {
        "device_id": drawn.device_id,
        "site_id": drawn.site_id,
        "name": drawn.name,
        "metric": drawn.metric.name,
        "channel": drawn.series.partition(":")[2] or None,
        "unit": drawn.metric.unit,
        "at": (line.at // 1000).tolist(),
        # JSON has no NaN: a gap is written as null
        "value": line.value.tolist(),
        "low": None if line.low is None else line.low.tolist(),
        "high": None if line.high is None else line.high.tolist(),
    }
