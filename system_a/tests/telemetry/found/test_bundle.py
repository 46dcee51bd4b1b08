"""Messages in a row of the database: as they came, byte for byte."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solarhub.drivers.dialects import Message
from solarhub.telemetry.found.bundle import UnreadableBundle, pack, unpack

MESSAGES = st.builds(
    Message,
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30),
    st.binary(max_size=200),
    st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - they get theirs
    st.booleans(),
)


@given(st.lists(MESSAGES, max_size=20))
def test_messages_come_out_as_they_went_in(messages: list[Message]) -> None:
    assert unpack(pack(messages)) == messages


def test_messages_of_one_product_take_little_room() -> None:
    at = datetime(2026, 6, 21, 7, 0, tzinfo=UTC)
    messages = [Message(f"solar/114182912345/{n % 5}/power", b"%d" % n, at) for n in range(1000)]

    assert len(pack(messages)) < 8_000


@pytest.mark.parametrize(
    "body", [b"", b"\x02abc", b"\x01abc", pack([])[:-1], b"\x01" + b"x\x9c\x03\x00\x00\x00\x00\x01"]
)
def test_what_is_no_bundle_is_told(body: bytes) -> None:
    with pytest.raises(UnreadableBundle):
        unpack(body)
