import re
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from solarhub.accounts.vocabulary import Language
from solarhub.alerts.vocabulary import AlertSeverity
from solarhub.devices.vocabulary import DeviceStatus, DeviceType
from solarhub.fleet.concern import Attention
from solarhub.fleet.morning import LONGEST, morning
from solarhub.fleet.plants import State
from solarhub.fleet.summary import Fleet
from solarhub.fleet.vocabulary import AttentionKind
from solarhub.fleet.wording import WORDS
from tests.fleet.making import HOUR, LAHORE, NOON, concern

ENGLISH = WORDS[Language.ENGLISH]

_names = st.text(st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=200)
_instants = st.none() | st.timedeltas(timedelta(days=-900), timedelta(days=900)).map(lambda ago: NOON + ago)
_figures = st.none() | st.floats(0, 1e6)
_items = st.builds(
    Attention,
    kind=st.sampled_from(AttentionKind),
    severity=st.sampled_from(AlertSeverity),
    organization_id=st.uuids(),
    timezone=st.just(LAHORE),
    organization=st.none() | _names,
    plants=st.lists(_names, min_size=1, max_size=6).map(tuple),
    devices=st.lists(_names, max_size=6).map(tuple),
    since=_instants,
    until=_instants,
    quiet_since=_instants,
    reporting=st.integers(0, 10**6),
    total=st.integers(0, 10**6),
    message=st.text(st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=600),
    metric=st.none() | st.sampled_from(["power_output", "fault_code", "voltage_ac"]),
    value=_figures,
    threshold=_figures,
    others=_figures,
    device_type=st.none() | st.sampled_from(DeviceType),
    channel=st.none() | st.sampled_from(["string2", "a_very_long_channel_of_somebody_1"]),
    disco=st.none() | st.just("a_company_with_the_longest_of_codes_"),
    who=st.none() | _names,
)


def fleet(*items: Attention, states: dict[State, int] | None = None) -> Fleet:
    return Fleet(
        as_of=NOON,
        states=dict.fromkeys(State, 0) | (states or {State.WORKING: 3}),
        devices=dict.fromkeys(DeviceStatus, 0),
        asleep=0,
        alerts=dict.fromkeys(AlertSeverity, 0),
        power_kw=1240.5,
        energy_today_kwh=3210.0,
        capacity_kw=4100.0,
        plants_without_capacity=0,
        needs_attention=items,
    )


@given(
    st.lists(_items, max_size=40),
    st.dictionaries(st.sampled_from(State), st.integers(0, 10**9)),
    st.sampled_from(Language),
)
def test_a_morning_message_fits_and_no_line_of_it_is_cut(
    items: list[Attention], states: dict[State, int], language: Language
) -> None:
    words = WORDS[language]
    told = fleet(*items, states=states | {State.WORKING: 1})
    text = morning(told, words)
    assert len(text) <= LONGEST
    lines = text.split("\n")
    numbered = [line for line in lines if re.match(r"\d+\. ", line)]
    left = len(items) - len(numbered)
    assert [int(line.partition(".")[0]) for line in numbered] == list(range(1, len(numbered) + 1))
    assert all(line.endswith((".", "?", "۔", "؟")) for line in numbered)
    assert (lines[-1] == words.more(left)) is (left > 0)
    assert not items or numbered, "at least the first always fits"


def test_a_morning_message_reads_like_one() -> None:
    items = [
        concern(since=NOON - HOUR, total=3, reporting=291),
        concern(AttentionKind.DEVICE_SILENT, plants=("Model Town",), devices=("Meter",), device_type=DeviceType.METER),
    ]
    states = {State.WORKING: 290, State.ASLEEP: 1, State.SILENT: 1, State.PARTLY_SILENT: 1, State.MAINTENANCE: 7}
    assert morning(fleet(*items, states=states), ENGLISH) == (
        "Good morning. 300 plants: 291 fine, 1 not reporting, 1 partly silent, 7 in maintenance.\n"
        "Power now 1.24 MW of 4.10 MW, today 3.21 MWh.\n"
        "\n"
        "1. Gulberg roof has been silent since 11:00: none of its 3 devices reports, while 291 other plants do."
        " Call the owner: has the router lost power?\n"
        "2. Model Town: Meter has been silent; its device reports. Look at the cable of Meter."
    )


def test_what_does_not_fit_is_counted() -> None:
    items = [concern(plants=(f"Plant {number}",), since=NOON - HOUR, total=3) for number in range(300)]
    text = morning(fleet(*items, states={State.SILENT: 300}), ENGLISH)
    assert len(text) <= 1000
    assert text.splitlines()[-1] == "\N{HORIZONTAL ELLIPSIS} and 293 more."


def test_a_morning_on_which_all_is_well_says_so() -> None:
    assert morning(fleet(), ENGLISH) == (
        "Good morning. 3 plants: 3 fine.\nPower now 1.24 MW of 4.10 MW, today 3.21 MWh.\nNothing needs you."
    )


def test_without_a_plant_there_is_nothing_to_count() -> None:
    assert morning(fleet(states={State.WORKING: 0}), ENGLISH) == "Good morning. There is no plant yet."
