"""The catalogue of what devices measure: names, units, signs and plausible ranges.

A name is a quantity in words; people's rules keep it for ever, so a name is never changed or reused. The unit stands
here and beside every number that is shown. Which input of a device a value belongs to (`l1`, `mppt2`, `string3`) is a
channel.

Signs: generation +, grid + = import, battery + = charging.
Ranges are in catalogue units and hold for every device, from a string's sensor to the meter of a 100 MW plant: they
refuse sentinels, slipped decimal points and broken sensors, not what is merely rare. Where the rated power of a device
is known, `Metric.limits` draws them tighter.
"""

from solarhub.metrics.catalogue import Catalogue
from solarhub.metrics.own import is_own_name, own_metric
from solarhub.metrics.quantities import Kind, Metric, NightPolicy, UnknownMetric
from solarhub.metrics.series import is_channel
from solarhub.metrics.standard import METRICS

__all__ = [
    "CATALOGUE",
    "Catalogue",
    "Kind",
    "Metric",
    "NightPolicy",
    "UnknownMetric",
    "format_series",
    "is_channel",
    "is_own_name",
    "metric",
    "own_metric",
    "parse_series",
]

CATALOGUE = Catalogue(METRICS)
"""The standard metrics, which every organization has."""


def metric(name: str) -> Metric:
    """The standard entry; `UnknownMetric` says what was probably meant."""
    return CATALOGUE.metric(name)


def format_series(name: str, channel: str | None = None) -> str:
    """`metric` or `metric:channel`; `UnknownMetric`, or `ValueError` for a channel that cannot be spelled."""
    return CATALOGUE.format_series(name, channel)


def parse_series(text: str) -> tuple[Metric, str | None]:
    """The metric and the channel of a series; the inverse of `format_series`, with the same errors."""
    return CATALOGUE.parse_series(text)
