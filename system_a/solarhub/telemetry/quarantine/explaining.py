"""What it means that a value stands in quarantine, and what to do about it: a sentence each. Pure."""

from typing import NamedTuple

from solarhub.telemetry.vocabulary import Reason


class Explanation(NamedTuple):
    """Both for whoever set the device up."""

    meaning: str
    remedy: str


_EXPLAINED = {
    Reason.NOT_FINITE: Explanation(
        "The device wrote NaN, infinity or a number beyond all bounds where a measurement belongs.",
        "Usually a sensor that is missing or broken: check its wiring, or leave the value out while there is none.",
    ),
    Reason.NOT_A_NUMBER: Explanation(
        "There is a text, a truth value or null where a number belongs.",
        "Let the sender write numbers as numbers, without units and quotes.",
    ),
    Reason.UNKNOWN_METRIC: Explanation(
        "The catalogue of metrics has no such name.",
        "Correct the name in the sender or its mapping, or add it as a metric of your own; then read these anew.",
    ),
    Reason.IMPLAUSIBLE: Explanation(
        "The number lies outside what this metric can be on such a device.",
        "Look for a slipped decimal point, W instead of kW, or a wrong rating of the device; correct it, then read"
        " these anew.",
    ),
    Reason.UNREADABLE_CHANNEL: Explanation(
        "The part behind the colon cannot name an input of a device.",
        "Use 1 to 32 of a-z, 0-9 and underscore, such as string3.",
    ),
    Reason.TIMESTAMP_UNREADABLE: Explanation(
        "The time of the sample cannot be read, so that nobody knows when it was measured.",
        "Let the sender write RFC 3339 with an offset, or seconds or milliseconds since 1970.",
    ),
    Reason.TIMESTAMP_IN_FUTURE: Explanation(
        "The device says that it measured this in the future: its clock is wrong.",
        "Set the device's clock, or its time zone; a sample without a time gets that of its arrival.",
    ),
    Reason.TIMESTAMP_TOO_OLD: Explanation(
        "The device says that it measured this more than 400 days ago: its clock was reset, or this is an old archive.",
        "Set the device's clock. An archive comes in by `solarhub import history`.",
    ),
    Reason.NO_METRICS: Explanation(
        "The sample holds no values at all.", "Nothing is lost; see why the sender reports without measuring."
    ),
    Reason.WRONG_SHAPE: Explanation(
        "What was sent is not a sample, or holds more values than a sample can.",
        "Compare it with the description of the API; correct the sender or its mapping.",
    ),
    Reason.UNKNOWN_DEVICE: Explanation(
        "A gateway named a device for which it does not speak.",
        "Register the device and name this gateway as its gateway; then let the gateway send again.",
    ),
    Reason.TOO_MANY_SERIES: Explanation(
        "The organization's devices report more different sets of metrics than can be kept.",
        "See whether a sender invents names or channels, and let each device report the same ones every time.",
    ),
    Reason.REFUSED: Explanation(
        "The database would not take the sample, although nothing is wrong with it by any rule.",
        "Tell whoever runs the hub; its log names the cause. Read it anew once that is mended.",
    ),
}

REREADABLE = frozenset(Reason) - {Reason.TIMESTAMP_UNREADABLE, Reason.NO_METRICS, Reason.UNKNOWN_DEVICE}
"""What a correction on this side can turn into readings."""


def explained(reason: Reason) -> Explanation:
    return _EXPLAINED[reason]
