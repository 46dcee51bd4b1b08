import pytest

from solarhub.kit.errors import TooManyRequests
from solarhub.kit.http.rates import Rate, Rates


class Clock:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def test_a_burst_passes_and_then_only_what_the_rate_allows() -> None:
    clock = Clock()
    rates = Rates({"actor": Rate(per_second=2, burst=5)}, clock=clock)
    for _ in range(5):
        rates.spend("actor", "a")
    with pytest.raises(TooManyRequests) as refusal:
        rates.spend("actor", "a")
    assert refusal.value.retry_after == 1
    clock.at += 1
    rates.spend("actor", "a")
    rates.spend("actor", "a")
    with pytest.raises(TooManyRequests):
        rates.spend("actor", "a")


def test_a_refused_try_costs_nothing() -> None:
    clock = Clock()
    rates = Rates({"actor": Rate(per_second=1, burst=1)}, clock=clock)
    rates.spend("actor", "a")
    for _ in range(100):
        with pytest.raises(TooManyRequests):
            rates.spend("actor", "a")
    clock.at += 1
    rates.spend("actor", "a")


def test_callers_and_kinds_have_buckets_of_their_own() -> None:
    rates = Rates({"actor": Rate(1, 1), "organization": Rate(1, 1)}, clock=Clock())
    rates.spend("actor", "a")
    rates.spend("actor", "b")
    rates.spend("organization", "a")
    rates.spend("no such kind", "a")
    with pytest.raises(TooManyRequests):
        rates.spend("organization", "a")
