"""How a device's layout grows."""

from hypothesis import given
from hypothesis import strategies as st

from solarhub.telemetry.layout import WIDEST, Layout, place, wanted

NAMES = st.sampled_from([f"s{number:02}" for number in range(12)])


def test_what_fits_stays_in_the_present_layout() -> None:
    present = Layout.of(1, ("a", "b", "c"))

    assert wanted(present, [{"a"}, {"c", "b"}]) == [present.series] * 2


def test_what_does_not_fit_makes_it_grow_to_the_union() -> None:
    assert wanted(Layout.of(1, ("b", "d")), [{"a"}, {"b", "c"}]) == [("a", "b", "c", "d")] * 2


def test_past_the_widest_each_sample_stands_for_itself() -> None:
    present = Layout.of(1, [f"s{number:03}" for number in range(WIDEST)])

    assert wanted(present, [{"s001"}, {"z", "a"}]) == [("s001",), ("a", "z")]


@given(st.none() | st.sets(NAMES), st.lists(st.dictionaries(NAMES, st.floats(), min_size=1), min_size=1))
def test_every_reading_has_its_place(known: set[str] | None, samples: list[dict[str, float]]) -> None:
    present = None if known is None else Layout.of(1, sorted(known))

    for series, readings in zip(wanted(present, [sample.keys() for sample in samples]), samples, strict=True):
        assert list(series) == sorted(set(series))
        assert set(known or ()) <= set(series)
        told = dict(zip(series, place(readings, series), strict=True))
        assert {name: value for name, value in told.items() if value is not None} == readings
