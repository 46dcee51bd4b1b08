from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from uuid import UUID

import pytest

from solarhub.notifications.letter import compose, is_address, is_right_to_left, page
from solarhub.notifications.parcel import Parcel

AT = datetime(2026, 6, 1, 7, 30, tzinfo=UTC)
HUB = Address("Solar Hub", addr_spec="hub@example.org")
URDU = "انورٹر 1 بند ہو گیا ہے۔\n\nاسے دیکھیں:\nhttps://hub.example.org/alerts/1"  # noqa: RUF001 - it is Urdu


def parcel(**changes: object) -> Parcel:
    values = {
        "id": UUID(int=7),
        "recipient": "ayesha@example.org",
        "event": "alert.opened",
        "subject": "Inverter 1 is off",
        "text": "Inverter 1 is off.\n\nLook here:\nhttps://hub.example.org/alerts/1",
        "created_at": AT,
    }
    return Parcel(**(values | changes))  # type: ignore[arg-type]  # a test names what it changes


def arrived(letter: EmailMessage) -> EmailMessage:
    """As whoever receives the bytes reads them."""
    return message_from_bytes(letter.as_bytes(), policy=policy.default)


def body(letter: EmailMessage, kind: str) -> str:
    part = letter.get_body([kind])
    assert part is not None
    content: str = part.get_content()
    return content.replace("\r\n", "\n")


def test_a_letter_has_the_headers_that_mail_programs_and_mailing_robots_look_for() -> None:
    letter = arrived(compose(parcel(subject_id=UUID(int=8)), HUB, AT))
    assert dict(letter.items()) | {"Content-Type": ""} == {
        "From": "Solar Hub <hub@example.org>",
        "To": "ayesha@example.org",
        "Subject": "Inverter 1 is off",
        "Date": "Mon, 01 Jun 2026 07:30:00 +0000",
        "Message-ID": f"<{UUID(int=7)}@example.org>",
        "References": f"<{UUID(int=8)}@example.org>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "MIME-Version": "1.0",
        "Content-Type": "",
    }
    assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"]


def test_urdu_arrives_as_it_was_written_and_runs_from_right_to_left() -> None:
    letter = compose(parcel(subject="انورٹر 1 بند ہے", text=URDU), HUB, AT)
    assert letter.as_bytes().isascii(), "any server passes it on"
    read = arrived(letter)
    assert read["Subject"] == "انورٹر 1 بند ہے"
    assert body(read, "plain") == URDU + "\n"
    html = body(read, "html")
    assert '<html lang="ur" dir="rtl">' in html
    assert "انورٹر 1 بند ہو گیا ہے۔" in html
    assert '<a href="https://hub.example.org/alerts/1" dir="ltr">' in html


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (URDU, True),
        ("Lahore Cold Storage میں انورٹر بند ہو گیا ہے، دیکھیں", True),
        ("Plant شمسی is off", False),
        ("", False),
    ],
    ids=["urdu", "english name", "urdu name", "empty"],
)
def test_the_direction_is_that_of_most_letters(text: str, expected: bool) -> None:
    assert is_right_to_left(text) is expected


@pytest.mark.parametrize(
    "name",
    ["x\r\nBcc: victim@example.org", "x\nBcc: victim@example.org", "x\rBcc: y", "x\u2028Bcc: y", "x\x00\x0b\x0cy"],
)
def test_no_name_can_add_a_header(name: str) -> None:
    letter = compose(parcel(subject=f"{name} invites you", text=f"{name} invites you"), HUB, AT)
    read = arrived(letter)
    assert "Bcc" not in read
    assert b"\nBcc" not in letter.as_bytes().split(b"\r\n\r\n", maxsplit=1)[0]
    assert str(read["Subject"]).endswith("y invites you") or "Bcc: victim@example.org invites you" in read["Subject"]


def test_a_long_subject_in_any_script_comes_back_whole() -> None:
    subject = "Plant شمسی توانائی " * 12
    assert arrived(compose(parcel(subject=subject), HUB, AT))["Subject"] == subject.strip()


def test_the_html_shows_names_and_runs_none_of_them() -> None:
    html = page(
        '<script>alert(1)</script> & "x"\nhttps://a.example/"onclick="x\nhttps://b.example/?a=1&b=2', title="<b>"
    )
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;x&quot;<br>" in html
    assert '<a href="https://b.example/?a=1&amp;b=2" dir="ltr">' in html
    assert html.count("<a ") == 1
    assert "<title>&lt;b&gt;</title>" in html


@pytest.mark.parametrize("text", ["javascript:alert(1)", "see https://a.example/ there", "https://"])
def test_only_a_web_address_alone_on_its_line_becomes_a_link(text: str) -> None:
    assert "<a " not in page(text, title="x")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ayesha+x@mail.example.org", True),
        ("عائشہ@example.org", True),
        ("a@localhost", True),
        ("", False),
        ("ayesha", False),
        ("a@b@c", False),
        ("a b@example.org", False),
        ("a@example.org\r\nBcc: x@example.org", False),
        ("a@example.org\n", False),
        ("A <a@example.org>", False),
        ("a@example.org,b@example.org", False),
        ("a\u200b@example.org", False),
        ("a" * 65 + "@example.org", False),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_an_address_is_one_address_and_nothing_else(text: str, expected: bool) -> None:
    assert is_address(text) is expected


def test_an_address_in_another_script_is_written_as_such() -> None:
    letter = compose(parcel(recipient="عائشہ@example.org"), HUB, AT)
    assert "To: عائشہ@example.org\r\n".encode() in letter.as_bytes()
