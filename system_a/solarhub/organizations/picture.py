"""A picture that somebody sends, taken apart and encoded anew: what the hub serves is its own bytes, never theirs.

Pure. Only the decoders of PNG, JPEG and WebP are tried, on the bytes and not on what a header says they are; a picture
that would unfold into more than memory allows is refused by its size, before a pixel is decoded.
"""

from io import BytesIO

from PIL import Image, ImageOps

from solarhub.kit.errors import FieldError, Invalid, TooLarge

MOST_BYTES_SENT = 2**20
MOST_BYTES_KEPT = 256 * 1024
LONGEST_SIDE = 512
_MOST_PIXELS = 4096 * 4096
_KINDS = ("PNG", "JPEG", "WEBP")
_SCALABLE = ("L", "LA", "RGB", "RGBA")
_ALLOWED = "a PNG, JPEG or WebP picture of at most 1 MiB and 4096 by 4096 pixels"
# one after the other, until it fits: full colour, then 256 colours, then smaller
_SIDES = (LONGEST_SIDE, 384, 256, 128)


def as_logo(sent: bytes) -> bytes:
    """A PNG of at most 512 pixels a side and 256 KiB, upright and without metadata. Raises TooLarge, Invalid."""
    if len(sent) > MOST_BYTES_SENT:
        raise TooLarge(f"A picture of at most {MOST_BYTES_SENT:,} bytes is accepted here.")
    if not sent:
        raise _refused("is empty")
    picture = _decoded(sent)
    for side in _SIDES:
        smaller = picture.copy()
        smaller.thumbnail((side, side), Image.Resampling.LANCZOS)
        for shape in (smaller, smaller.quantize(256, method=Image.Quantize.FASTOCTREE)):
            encoded = _encoded(shape)
            if len(encoded) <= MOST_BYTES_KEPT:
                return encoded
    raise AssertionError("256 colours of 128 by 128 pixels are 16 KiB and a palette")


def _decoded(sent: bytes) -> Image.Image:
    try:
        with Image.open(BytesIO(sent), formats=_KINDS) as opened:
            _check_size(opened)
            # a JPEG is decoded at half or a quarter of its size where that is enough
            opened.draft("RGB", (2 * LONGEST_SIDE, 2 * LONGEST_SIDE))
            # made small first: each further copy of 16 million pixels would be another 64 MiB
            whole = opened if opened.mode in _SCALABLE else opened.convert("RGBA")
            whole.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
            ImageOps.exif_transpose(whole, in_place=True)
            return whole.convert("RGBA")
    except Invalid:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _refused("has too many pixels") from None
    except Exception:  # noqa: BLE001 - broken pictures end decoders with OSError, SyntaxError, ValueError, struct.error …
        raise _refused("cannot be read as a picture") from None


def _check_size(picture: Image.Image) -> None:
    if picture.width * picture.height > _MOST_PIXELS:
        raise _refused(f"has {picture.width} by {picture.height} pixels")


def _encoded(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _refused(message: str) -> Invalid:
    return Invalid([FieldError("logo", None, message, _ALLOWED)])
