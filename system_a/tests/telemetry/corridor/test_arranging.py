"""Which rows may have been there before, which are late, and which is a device's last: against the plain way."""

from datetime import UTC, datetime

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from solarhub.telemetry.batch import NEVER
from solarhub.telemetry.corridor.arranging import DAY, arranged, date_of, days, lasts
from solarhub.telemetry.corridor.sheet import Sheet, Sources
from solarhub.telemetry.corridor.standing import Standings
from solarhub.telemetry.marks import HOUR, Marks


def sheet(number: int, rows: list[tuple[int, int]]) -> Sheet:
    """One series; `load` says which row it was."""
    return Sheet(
        (f"series_{number}",),
        np.full(len(rows), 7, np.int32),
        np.array([key for key, _ in rows], np.int32),
        np.array([at for _, at in rows], np.int64),
        np.arange(len(rows), dtype=np.float64).reshape(-1, 1),
        np.arange(len(rows), dtype=np.int32),
        np.arange(len(rows), dtype=np.int64),
        Sources([]),
    )


_rows = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 9)), min_size=1, max_size=20)


@given(st.lists(_rows, min_size=1, max_size=4), st.dictionaries(st.integers(1, 5), st.integers(0, 9)))
def test_rows_are_sorted_and_told_apart(all_rows: list[list[tuple[int, int]]], committed: dict[int, int]) -> None:
    standings = Standings()
    keys = np.array([1, 2, 3, 4, 5], np.int32)
    standings.learn(keys, np.array([committed.get(key, NEVER) for key in keys.tolist()], np.int64))
    everything = [row for rows in all_rows for row in rows]

    ids = [np.full(len(rows), number, np.int32) for number, rows in enumerate(all_rows)]
    pages = arranged([sheet(number, rows) for number, rows in enumerate(all_rows)], ids, standings)

    for number, (page, rows) in enumerate(zip(pages, all_rows, strict=True)):
        order = sorted(range(len(rows)), key=lambda row: rows[row])
        found = [rows[row] for row in order]
        assert page.sheet.load.tolist() == order  # those that are alike as they came
        assert set(page.layout_ids.tolist()) == {number}
        assert page.late.tolist() == [at <= committed.get(key, NEVER) for key, at in found]
        assert page.newest_before.tolist() == [committed.get(key, NEVER) for key, _ in found]
        assert page.suspect.tolist() == [
            at <= committed.get(key, NEVER) or everything.count((key, at)) > 1 for key, at in found
        ]
        newest = lasts(page)
        assert dict(zip(newest.device_keys.tolist(), newest.at.tolist(), strict=True)) == dict(found)
        assert page.sheet.at[newest.rows].tolist() == newest.at.tolist()
        standings.advance(newest.device_keys, newest.at)
    known = {
        key: max([at for each, at in everything if each == key] + [committed.get(key, NEVER)]) for key in range(1, 6)
    }
    assert dict(zip(keys.tolist(), standings.newest(keys).tolist(), strict=True)) == known


def test_devices_are_strangers_until_they_were_met_and_again_once_all_is_forgotten() -> None:
    standings = Standings()
    keys = np.array([9, 5000, 9], np.int32)
    assert standings.strangers(keys) == [9, 5000]

    standings.learn(np.array([9], np.int32), np.array([3], np.int64))
    assert (standings.strangers(keys), standings.known(keys).tolist()) == ([5000], [True, False, True])

    standings.forget()
    assert standings.strangers(keys) == [9, 5000]


@given(st.lists(st.lists(st.integers(0, 5 * DAY), max_size=5), max_size=4))
def test_days_are_those_of_the_rows(instants: list[list[int]]) -> None:
    found = days([np.array(each, np.int64) for each in instants])

    assert sorted(found) == sorted({at // DAY for each in instants for at in each})
    assert date_of(1) == datetime(1970, 1, 2, tzinfo=UTC).date()


@given(
    st.lists(
        st.one_of(
            st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=6),
            st.integers(0, 2),
        ),
        max_size=12,
    )
)
def test_every_hour_with_new_rows_is_marked_in_each_epoch(steps: list[list[tuple[int, int]] | int]) -> None:
    """Rows by device and hour, or an epoch that begins; what was marked is there as long as its epoch lasts."""
    marks = Marks()
    marks.in_epoch(0)
    epoch, there = 0, set[tuple[int, int]]()
    for step in steps:
        if isinstance(step, int):
            if step != epoch:
                epoch, there = step, set()
            marks.in_epoch(epoch)
            continue
        keys = np.array([key for key, _ in step], np.int32)
        hours = np.array([hour * HOUR + 17 for _, hour in step], np.int64)
        new_keys, new_hours = marks.missing(keys, hours)
        there |= {(key, hour // HOUR) for key, hour in zip(new_keys.tolist(), new_hours.tolist(), strict=True)}
        marks.remember(new_keys, new_hours)
        assert set(step) <= there


def test_a_mark_that_is_there_is_not_written_again() -> None:
    marks = Marks()
    marks.in_epoch(0)
    keys, at = np.array([3, 4], np.int32), np.array([5 * HOUR, 5 * HOUR + 1], np.int64)
    marks.remember(*marks.missing(keys, at))

    assert len(marks.missing(keys, at + 1000)[0]) == 0
    assert marks.missing(keys, at + HOUR)[1].tolist() == [6 * HOUR, 6 * HOUR]
