"""A link that invites somebody, in the three shapes in which it is handed over: pure.

No mail server is needed to add a person: the link is copied, its QR code is shown across a table, or it goes out by
WhatsApp.
"""

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

import segno

# where numbers are written without a country
_COUNTRY = "92"
_FEWEST_DIGITS, _MOST_DIGITS = 8, 15


@dataclass(frozen=True, slots=True)
class InvitationLink:
    """`qr_svg` is an `<svg>` element that holds the link; `whatsapp_link` opens a chat with the words written in it."""

    link: str
    qr_svg: str
    whatsapp_link: str

    @classmethod
    def of(cls, public_url: str, token: str, *, phone: str | None, text: str, qr: bool = True) -> Self:
        """`text` is what the chat says before the link; without a `phone` the sender chooses whom it goes to. Without
        `qr` no code is drawn, which takes longer than everything else about an invitation.

        The token stands behind a #, which a browser never sends: no log and no Referer of a server holds it.
        """
        link = f"{public_url}/invitation#{token}"
        return cls(
            link=link,
            qr_svg=_drawn(link) if qr else "",
            whatsapp_link=f"https://wa.me/{whatsapp_number(phone)}?text={quote(f'{text} {link}', safe='')}",
        )


def _drawn(link: str) -> str:
    code = segno.make(link, error="m", micro=False)
    return str(code.svg_inline(scale=4, border=4, dark="#000", light="#fff", svgclass=None, lineclass=None))


def whatsapp_number(phone: str | None) -> str:
    """The digits that wa.me takes: the country first, no plus and no zeros. Empty for what cannot be a number.

    A number that begins with a single 0 is one of Pakistan.
    """
    digits = re.sub(r"\D", "", phone or "")
    if digits.startswith("00"):
        digits = digits[2:]
    elif digits.startswith("0"):
        digits = _COUNTRY + digits[1:]
    return digits if _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS else ""
