from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest

from solarhub.organizations.invitation_link import InvitationLink, whatsapp_number

TOKEN = "shi_" + 43 * "x"


def test_the_token_stands_where_no_server_sees_it() -> None:
    handed = InvitationLink.of("https://hub.example.org", TOKEN, phone=None, text="Hello")
    parts = urlsplit(handed.link)
    assert (parts.path, parts.query, parts.fragment) == ("/invitation", "", TOKEN)


def test_a_chat_opens_with_the_words_and_the_link() -> None:
    text = "Ayesha & Söhne lädt ein: 50 % #1?"
    handed = InvitationLink.of("https://hub.example.org", TOKEN, phone="+92 300 1234567", text=text)
    parts = urlsplit(handed.whatsapp_link)
    assert (parts.netloc, parts.path, parts.fragment) == ("wa.me", "/923001234567", "")
    assert parse_qs(parts.query) == {"text": [f"{text} {handed.link}"]}
    assert InvitationLink.of("https://hub", TOKEN, phone=None, text="x").whatsapp_link.startswith(
        "https://wa.me/?text="
    )


def test_the_qr_code_is_a_drawing_that_runs_nothing() -> None:
    drawing = ET.fromstring(InvitationLink.of("https://hub", TOKEN, phone=None, text="x").qr_svg)  # noqa: S314 - our own
    assert drawing.tag.endswith("svg")
    assert {element.tag.rpartition("}")[2] for element in drawing.iter()} <= {"svg", "path", "g", "title", "rect"}


@pytest.mark.parametrize(
    ("phone", "digits"),
    [
        ("+92 300 1234567", "923001234567"),
        ("0300-1234567", "923001234567"),
        ("0092 300 1234567", "923001234567"),
        ("+971 50 123 4567", "971501234567"),
        ("12345", ""),
        ("1" * 16, ""),
        (None, ""),
    ],
)
def test_a_number_is_written_as_whatsapp_reads_it(phone: str | None, digits: str) -> None:
    assert whatsapp_number(phone) == digits
