"""`alert_rules.condition`: what one sample is held against."""

import operator
from collections.abc import Callable, Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from solarhub.alerts.vocabulary import Operator, When
from solarhub.devices.vocabulary import DeviceType
from solarhub.kit.fields import Choice, FieldKind, Number, Whole
from solarhub.kit.refusals import did_you_mean, kind_of, refusal
from solarhub.kit.values import Value
from solarhub.metrics import CATALOGUE, is_own_name
from solarhub.metrics.own import LONGEST_NAME, NAME_PATTERN

COMPARISONS: Mapping[Operator, Callable[[float, float], bool]] = {
    Operator.LT: operator.lt,
    Operator.LTE: operator.le,
    Operator.GT: operator.gt,
    Operator.GTE: operator.ge,
    Operator.EQ: operator.eq,
    Operator.NEQ: operator.ne,
}


class _MetricName(FieldKind):
    """A name of the catalogue, without a channel: a condition watches the device as a whole.

    Whether an organization has such a metric of its own, only the use case can say.
    """

    __slots__ = ()

    @property
    def allowed(self) -> list[str]:
        return list(CATALOGUE)

    def check(self, value: object) -> str:
        if not isinstance(value, str):
            raise refusal(f"must be a metric's name, not {kind_of(value)}", self.allowed)
        if value not in CATALOGUE and not is_own_name(value):
            raise refusal("is not a metric of the catalogue" + did_you_mean(value, CATALOGUE), self.allowed)
        return value

    def schema(self) -> dict[str, object]:
        own = {"pattern": f"^{NAME_PATTERN}$", "maxLength": LONGEST_NAME, "title": "One of the organization's own"}
        return {"type": "string", "anyOf": [{"enum": self.allowed}, own]}


class Condition(Value):
    """`threshold` in the unit that the catalogue gives for `metric`; the breach must last for `duration_seconds`."""

    left_out_by_default: ClassVar[frozenset[str]] = frozenset({"when"})

    metric: Annotated[str, _MetricName(), Field(title="What is measured", examples=["power_output"])]
    operator: Annotated[
        Operator, Choice(Operator), Field(title="Bad while the value is so to the threshold", examples=["lt"])
    ]
    threshold: Annotated[float, Number(), Field(title="Threshold, in the metric's unit", examples=[10.0])]
    duration_seconds: Annotated[
        int, Whole(0, 7 * 86_400, "seconds"), Field(title="Seconds for which it must stay bad", examples=[300])
    ] = 0
    device_type: Annotated[
        Annotated[DeviceType, Choice(DeviceType)] | None,
        Field(title="Devices of this kind alone; null: of any", examples=["inverter"]),
    ] = None
    when: Annotated[When, Choice(When), Field(title="Always, or while the sun is up", examples=["daylight"])] = (
        When.ALWAYS
    )
