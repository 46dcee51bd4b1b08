"""The catalogue as a document for people, and as one for programs."""

from collections.abc import Iterable, Iterator
from typing import Any

from solarhub.metrics.catalogue import Catalogue
from solarhub.metrics.own import NAME_MEANING
from solarhub.metrics.quantities import Kind, Metric
from solarhub.metrics.series import MEANINGS

_HEAD = """\
# What devices report

Made from `solarhub/metrics/`, which is what the hub decides by.
`solarhub metrics > docs/metrics.md` writes this page anew, and a test compares the two; `--json` prints the same for
programs.

A metric is a quantity in words; its name is kept for ever, because people's rules hold it. Power is in kW and energy in
kWh. Signs: generation +, grid + = import, battery + = charging. A value outside the plausible range is quarantined with
a reason, and its neighbours are stored. Where `metadata.rated_power_kw` of a device is known, the narrower range in
multiples of it holds as well: 50 kW from an inverter of 5 kW is a slip of somebody's decimal point.

| Kind | |
| --- | --- |
| gauge | a value of the moment |
| cumulative | only grows; a fall is a reset or a replaced device |
| daily | grows from zero again after each midnight of the device |
| state | a code, never averaged |
| bitfield | a whole number of which each bit says something by itself |

At night, while a device sleeps: `hold` the last value still holds, `zero` it is zero, `nothing` nobody knows.

"""

_SUNSPEC = """
In the column SunSpec, 10x stands for the models 101 to 103 and 111 to 113, 20x for 201 to 204 and 211 to 214.
"""

_OWN = f"""
## Metrics of one's own

An organization adds what is missing here, at `/api/v1/organizations/{{organization_id}}/metrics`, and waits for nobody.
Such names begin with `x_`, which no name above ever will: what joins this page later cannot change what
somebody's devices and rules already mean. A name is {NAME_MEANING}. Name, unit and kind stay as they were made; range,
night and meaning may change. Devices may use a new one within seconds. What is removed is not taken any more, stays
readable, and can be restored.
"""


def table(catalogue: Catalogue) -> str:
    """Markdown: every metric with its facts, the codes of states, and the channels that are usual."""
    head = ["Metric", "What it is", "Unit", "Kind", "Plausible", "x rated power", "Night"]
    columns = [*head, "Channels", "Devices", "SunSpec"]
    parts = [
        _HEAD,
        _lines([columns, ["---"] * len(columns), *(_row(metric) for metric in catalogue.values())]),
        "\n## Codes of states\n\n",
        _lines([["Metric", "Codes"], ["---", "---"], *_codes(catalogue.values())]),
        "\n## Channels\n\nAny channel of a-z, 0-9 and `_` is taken. Usual are\n\n",
        _lines([["Channel", "What it is"], ["---", "---"], *([f"`{name}`", text] for name, text in MEANINGS.items())]),
        _SUNSPEC,
        _OWN,
    ]
    return "".join(parts)


def facts(metric: Metric) -> dict[str, Any]:
    """All that is known of it, as JSON tells it."""
    return {
        "name": metric.name,
        "description": metric.description,
        "unit": metric.unit,
        "kind": metric.kind.value,
        "minimum": metric.minimum,
        "maximum": metric.maximum,
        "relative": None if metric.relative is None else list(metric.relative),
        "meaning": metric.meaning,
        "codes": {str(code): meaning for code, meaning in metric.codes},
        "night": metric.night.value,
        "devices": list(metric.devices),
        "channels": list(metric.channels),
        "sunspec": metric.sunspec,
    }


def _row(metric: Metric) -> list[str]:
    description = f"{metric.description}; {metric.meaning}" if _explains(metric) else metric.description
    return [
        f"`{metric.name}`",
        description,
        metric.unit,
        metric.kind.value,
        _range(metric.minimum, metric.maximum),
        _range(*metric.relative) if metric.relative is not None else "",
        metric.night.value,
        " ".join(metric.channels),
        ", ".join(device.replace("_", " ") for device in metric.devices),
        metric.sunspec or "",
    ]


def _explains(metric: Metric) -> bool:
    """Whether `meaning` says something in the table that its list of codes does not."""
    return bool(metric.meaning) and not metric.codes


def _codes(metrics: Iterable[Metric]) -> Iterator[list[str]]:
    for metric in metrics:
        if metric.codes:
            yield [f"`{metric.name}`", ", ".join(f"{code} {meaning}" for code, meaning in metric.codes)]
        elif metric.kind in (Kind.STATE, Kind.BITFIELD):
            yield [f"`{metric.name}`", metric.meaning]


def _range(low: float, high: float) -> str:
    return f"{low:,.10g} to {high:,.10g}"


def _lines(rows: Iterable[list[str]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
