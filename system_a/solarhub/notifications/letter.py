"""A message as an e-mail: headers that nobody's name can break, plain text, and the same as simple HTML."""

import re
import unicodedata
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from html import escape

from solarhub.notifications.parcel import Parcel

# 7bit: not every server takes more, and base64 or quoted-printable pass everywhere
_POLICY = SMTP.clone(cte_type="7bit", max_line_length=76)
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\]{1,253}")
_OWN_LINE = re.compile(r"https?://[^\s<>\"]+")
_PAGE = """\
<!doctype html>
<html{lang} dir="{direction}">
<head><meta charset="utf-8"><title>{title}</title></head>
<body dir="{direction}" style="font-family: system-ui, sans-serif; line-height: 1.5; text-align: {side}">
{paragraphs}
</body>
</html>
"""


def is_address(text: str) -> bool:
    """Whether a letter can be addressed to it: one plain address, without name, brackets or anything invisible."""
    return _ADDRESS.fullmatch(text) is not None and all(unicodedata.category(character)[0] != "C" for character in text)


def compose(parcel: Parcel, sender: Address, now: datetime) -> EmailMessage:
    """The whole letter; its Message-ID is the same whenever it is sent. `parcel.recipient` must be an address."""
    letter = EmailMessage(_POLICY if parcel.recipient.isascii() else _POLICY.clone(utf8=True))
    subject = " ".join("".join(" " if _is_control(character) else character for character in parcel.subject).split())
    letter["From"] = sender
    user, _, domain = parcel.recipient.rpartition("@")
    letter["To"] = Address(username=user, domain=domain)
    letter["Subject"] = subject
    letter["Date"] = now
    letter["Message-ID"] = f"<{parcel.id}@{sender.domain}>"
    if parcel.subject_id is not None:
        letter["References"] = f"<{parcel.subject_id}@{sender.domain}>"  # what is about one thing stands together
    letter["Auto-Submitted"] = "auto-generated"
    letter["X-Auto-Response-Suppress"] = "All"  # the same to Exchange: no "out of office" comes back
    letter.set_content(parcel.text)
    letter.add_alternative(page(parcel.text, title=subject), subtype="html")
    return letter


def page(text: str, *, title: str) -> str:
    """The text as HTML, in its own direction; an address of a web page that has a line to itself becomes a link."""
    right_to_left = is_right_to_left(text)
    paragraphs = [
        "<br>\n".join(_line(line) for line in paragraph.split("\n")) for paragraph in re.split(r"\n\s*\n", text.strip())
    ]
    return _PAGE.format(
        lang=' lang="ur"' if right_to_left else "",
        direction="rtl" if right_to_left else "ltr",
        side="right" if right_to_left else "left",
        title=escape(title),
        paragraphs="\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs),
    )


def is_right_to_left(text: str) -> bool:
    """Whether most of its letters belong to a script that runs so: names of either kind stand in texts of the other."""
    kinds = [unicodedata.bidirectional(character) for character in text]
    return sum(kind in {"R", "AL"} for kind in kinds) > kinds.count("L")


def _line(line: str) -> str:
    if _OWN_LINE.fullmatch(line.strip()):
        address = escape(line.strip())
        return f'<a href="{address}" dir="ltr">{address}</a>'
    return escape(line)


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}
