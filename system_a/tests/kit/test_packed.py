import gzip

import pytest

from solarhub.kit.errors import TooLarge, Unreadable
from solarhub.kit.packed import unpacked

BODY = b"power_output=2.9\n" * 100


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", " x-gzip "])
def test_gzip_is_unpacked_also_in_several_members(encoding: str) -> None:
    assert unpacked(gzip.compress(BODY), encoding, len(BODY)) == BODY
    assert unpacked(gzip.compress(BODY[:50]) + gzip.compress(BODY[50:]) + b"\0\0", encoding, len(BODY)) == BODY


@pytest.mark.parametrize("encoding", ["", "identity"])
def test_what_is_not_packed_stays_as_it_is(encoding: str) -> None:
    assert unpacked(BODY, encoding, 1) == BODY


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (BODY, "gzip"),
        (gzip.compress(BODY)[:-9], "gzip"),
        (gzip.compress(BODY)[:-8] + bytes(8), "gzip"),
        (gzip.compress(BODY) + b"more", "gzip"),
        (BODY, "br"),
        (BODY, "gzip, gzip"),
    ],
    ids=["none", "breaks off", "checksum", "something behind", "unknown", "twice"],
)
def test_what_cannot_be_unpacked_is_refused(body: bytes, encoding: str) -> None:
    with pytest.raises(Unreadable):
        unpacked(body, encoding, 10**6)


def test_what_grows_too_large_is_refused_before_it_has() -> None:
    bomb = gzip.compress(bytes(200 * 2**20))

    assert len(bomb) < 300_000
    with pytest.raises(TooLarge):
        unpacked(bomb, "gzip", 2**20)
    with pytest.raises(TooLarge):
        unpacked(gzip.compress(BODY) * 2, "gzip", 2 * len(BODY) - 1)
