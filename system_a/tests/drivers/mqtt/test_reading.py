from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solarhub.drivers.mqtt import packets
from solarhub.drivers.mqtt.packets import V3, V5
from solarhub.drivers.mqtt.reading import Control, Message, ProtocolError, Reader

LONGEST = 1000


def published(message: Message, version: int) -> bytes:
    """As a broker writes it."""
    first = 0x30 | (0x02 if message.packet_id else 0) | message.retained | message.repeated << 3
    number = message.packet_id.to_bytes(2, "big") if message.packet_id else b""
    properties = b"\x05\x02\x00\x00\x00\x2a" if version == V5 else b""
    return packets.packet(first, packets.text(message.topic.decode()) + number + properties + message.payload)


messages = st.builds(
    Message,
    topic=st.text(min_size=1, max_size=40).map(str.encode),
    payload=st.binary(max_size=300),
    packet_id=st.integers(0, 65535),
    retained=st.booleans(),
    repeated=st.booleans(),
    cut=st.just(value=False),
)


@given(st.lists(messages, max_size=10), st.sampled_from([V3, V5]), st.randoms(use_true_random=False))
def test_messages_come_out_as_they_went_in_wherever_the_bytes_are_parted(
    sent: list[Message], version: int, chance: Random
) -> None:
    data = b"".join(published(message, version) + packets.PINGREQ for message in sent)
    reader = Reader(version, LONGEST)
    read: list[Message] = []
    controls: list[Control] = []
    at = 0
    while at < len(data):
        size = chance.randint(1, 60)
        some, other = reader.feed(data[at : at + size])
        read += some
        controls += other
        at += size

    assert read == sent
    assert controls == [Control(12, b"")] * len(sent)


@pytest.mark.parametrize("version", [V3, V5])
@pytest.mark.parametrize("portion", [1, 7, 999, 10_000])
def test_a_message_that_is_too_large_comes_cut_and_its_neighbours_come_whole(version: int, portion: int) -> None:
    small = Message(b"a/b", b"1", 7, retained=False, repeated=False, cut=False)
    large = Message(b"a/c", b"x" * 5000, 8, retained=False, repeated=True, cut=False)
    data = b"".join(published(each, version) for each in (small, large, small))
    reader = Reader(version, LONGEST)
    read: list[Message] = []
    for at in range(0, len(data), portion):
        read += reader.feed(data[at : at + portion])[0]

    assert [message.topic for message in read] == [b"a/b", b"a/c", b"a/b"]
    assert (read[0], read[2]) == (small, small)
    assert read[1].cut
    assert read[1].packet_id == 8, "it can be acknowledged"
    assert 0 < len(read[1].payload) <= LONGEST
    assert set(read[1].payload) == {ord("x")}


@pytest.mark.parametrize(
    "data",
    [
        b"\x30\xff\xff\xff\xff\x01",  # a length of five bytes
        b"\x34\x06\x00\x01a\x00\x01x",  # QoS 2 was not asked for
        b"\x36\x06\x00\x01a\x00\x01x",
        b"\x32\x05\x00\x01a\x00\x00",  # number 0
        b"\x32\x04\x00\x01a\x00",  # half a number
        b"\x30\x03\x00\x09a",  # a topic that is longer than its packet
        b"\x30\x01\x00",
        b"\xd0\xff\xff\x7f" + b"x" * 2000,  # nothing else is as large as that
    ],
)
@pytest.mark.parametrize("version", [V3, V5])
def test_what_is_no_mqtt_is_refused(data: bytes, version: int) -> None:
    with pytest.raises(ProtocolError):
        Reader(version, LONGEST).feed(data)


@given(st.binary(max_size=400), st.sampled_from([V3, V5]))
def test_any_bytes_are_read_or_refused(data: bytes, version: int) -> None:
    reader = Reader(version, LONGEST)
    try:
        for byte in data:
            reader.feed(bytes((byte,)))
    except ProtocolError:
        pass


@pytest.mark.parametrize("number", [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455])
def test_lengths_are_written_as_the_standard_has_them(number: int) -> None:
    written = packets.length(number)

    assert sum((byte & 0x7F) << 7 * place for place, byte in enumerate(written)) == number
    assert all(byte & 0x80 for byte in written[:-1])
    assert not written[-1] & 0x80
