import random
import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from solarhub.kit.errors import Invalid, TooLarge
from solarhub.organizations.picture import LONGEST_SIDE, MOST_BYTES_KEPT, MOST_BYTES_SENT, as_logo


def encoded(picture: Image.Image, kind: str, **how: object) -> bytes:
    out = BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


def noise(width: int, height: int) -> Image.Image:
    return Image.frombytes("RGB", (width, height), random.Random(1).randbytes(width * height * 3))


def reason(sent: bytes) -> str:
    with pytest.raises(Invalid) as refused:
        as_logo(sent)
    return refused.value.errors[0].message


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_each_kind_becomes_a_small_png(kind: str, mode: str) -> None:
    made = Image.open(BytesIO(as_logo(encoded(Image.new(mode, (1600, 400)), kind))))
    assert (made.format, made.size) == ("PNG", (LONGEST_SIDE, 128))


@pytest.mark.parametrize("mode", ["P", "LA", "RGBA", "1", "I;16"])
def test_each_way_of_colouring_a_png_is_read(mode: str) -> None:
    assert Image.open(BytesIO(as_logo(encoded(Image.new(mode, (64, 32)), "PNG")))).size == (64, 32)


def test_what_compresses_badly_is_made_to_fit() -> None:
    made = as_logo(encoded(noise(512, 512), "PNG"))
    assert len(made) <= MOST_BYTES_KEPT
    assert max(Image.open(BytesIO(made)).size) >= 256


def test_a_photograph_taken_sideways_stands_upright_and_says_nothing_of_where() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    exif[0x010E] = "taken at my house"
    made = as_logo(encoded(Image.new("RGB", (60, 20)), "JPEG", exif=exif))
    assert Image.open(BytesIO(made)).size == (20, 60)
    assert b"house" not in made
    assert not Image.open(BytesIO(made)).getexif()


def test_the_first_picture_of_a_moving_one_is_taken() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    made = Image.open(BytesIO(as_logo(encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:]))))
    assert getattr(made, "n_frames", 1) == 1


def test_what_is_no_picture_of_these_kinds_is_refused() -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    for sent in (
        b"",
        b"hello",
        svg,
        encoded(Image.new("RGB", (8, 8)), "GIF"),
        encoded(Image.new("RGB", (8, 8)), "BMP"),
    ):
        assert reason(sent)


def test_a_broken_picture_is_refused_however_it_is_broken() -> None:
    whole = encoded(noise(64, 64), "PNG")
    torn = random.Random(2)
    for cut in (8, 20, 40, len(whole) // 2):
        assert "read" in reason(whole[:cut])
    for kind in ("PNG", "JPEG", "WEBP"):
        good = bytearray(encoded(noise(32, 32), kind))
        for _ in range(40):
            bad = bytearray(good)
            for _ in range(8):
                bad[torn.randrange(len(bad))] = torn.randrange(256)
            try:
                made = as_logo(bytes(bad))
            except Invalid:
                continue
            assert made.startswith(b"\x89PNG")


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.mark.parametrize("side", [5_000, 20_000, 60_000])
def test_a_small_file_that_unfolds_into_a_huge_picture_is_refused_unopened(side: int) -> None:
    header = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    assert "pixels" in reason(bomb)


def test_a_webp_that_claims_a_huge_canvas_is_refused() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    bomb = bytearray(encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:]))
    assert bomb[12:16] == b"VP8X"
    bomb[24:30] = (16382).to_bytes(3, "little") * 2
    assert reason(bytes(bomb))


def test_more_bytes_than_a_logo_needs_are_refused() -> None:
    with pytest.raises(TooLarge):
        as_logo(bytes(MOST_BYTES_SENT + 1))
