"""Against a real mail server with TLS."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from solarhub.kit.ids import uuid7
from solarhub.notifications.email import Email
from solarhub.notifications.parcel import DeliveryFailed, Parcel
from solarhub.notifications.smtp_settings import SmtpSettings
from tests.notifications.peers import MailServer, Trust, mail_server, silent_server

AT = datetime(2026, 6, 1, tzinfo=UTC)


def parcel(recipient: str = "ayesha@example.org", id_: UUID | None = None, subject: str = "Hello") -> Parcel:
    return Parcel(
        id=id_ or uuid7(), recipient=recipient, event="test", subject=subject, text="Hello, عائشہ", created_at=AT
    )


def email(
    mail: MailServer, how: str = "tls", *, authorities: Path | None = None, user: str = "", seconds: float = 8.0
) -> Email:
    scheme = "smtps" if how == "tls" else "smtp"
    options = {"tls": "", "starttls": "&tls=starttls", "plain": ""}[how] + (f"&ca={authorities}" if authorities else "")
    at = f"{user}@" if user else ""
    url = f"{scheme}://{at}localhost:{mail.port}/?from=Solar%20Hub%20<hub@example.org>{options}"
    return Email(SmtpSettings.parse(url), timeout_seconds=seconds)


async def failure(way: Email, wanted: Parcel | None = None) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as failed:
        await way.deliver(wanted or parcel())
    await way.rest()
    return failed.value


@pytest.mark.parametrize("how", ["tls", "starttls", "plain"])
async def test_a_letter_arrives_with_the_id_of_its_message(trust: Trust, how: str) -> None:
    async with mail_server(trust, how) as mail:
        way = email(mail, how, authorities=trust.authorities)
        wanted = parcel()
        receipt = await way.deliver(wanted)
        await way.rest()
    assert receipt.provider_id == "250 2.0.0 taken as ABC"
    assert not receipt.keep_link
    assert mail.ids() == [f"<{wanted.id}@example.org>"]
    assert mail.senders == ["hub@example.org"]
    assert mail.encrypted == [how != "plain"]
    assert "عائشہ" in mail.letters[0].get_body(["plain"]).get_content()  # type: ignore[union-attr]  # it has one


async def test_letters_in_a_row_share_a_connection(trust: Trust) -> None:
    async with mail_server(trust, "tls") as mail:
        way = email(mail, authorities=trust.authorities)
        for _ in range(3):
            await way.deliver(parcel())
        assert mail.connections == 1
        await way.rest()
        await way.deliver(parcel())
        assert mail.connections == 2
        await way.rest()
    assert len(mail.letters) == 4


async def test_a_server_that_has_hung_up_meanwhile_is_called_again(trust: Trust) -> None:
    async with mail_server(trust, "tls") as mail:
        way = email(mail, authorities=trust.authorities)
        await way.deliver(parcel())
        port = mail.port
    async with mail_server(trust, "tls", port=port) as again:
        await way.deliver(parcel())
        await way.rest()
    assert len(again.letters) == 1


async def test_the_hub_signs_in_and_says_so_when_it_may_not(trust: Trust) -> None:
    async with mail_server(trust, "tls", users={"hub": "right"}) as mail:
        way = email(mail, authorities=trust.authorities, user="hub:right")
        await way.deliver(parcel())
        await way.rest()
        refused = await failure(email(mail, authorities=trust.authorities, user="hub:wrong"))
        unknown = await failure(email(mail, authorities=trust.authorities))
    assert len(mail.letters) == 1
    assert refused.sentence.startswith("The mail server refuses the hub's user name or password: 535")
    assert (refused.permanent, refused.everyone) == (False, True)
    assert (unknown.permanent, unknown.everyone) == (False, True)


async def test_nothing_is_said_to_a_server_whose_certificate_is_not_trusted(trust: Trust) -> None:
    async with mail_server(trust, "tls", users={"hub": "x"}) as mail:
        failed = await failure(email(mail, user="hub:x"))
    assert failed.sentence.startswith("The mail server's certificate cannot be trusted")
    async with mail_server(trust, "starttls", users={"hub": "x"}) as mail:
        failed = await failure(email(mail, "starttls", user="hub:x"))
    assert failed.sentence.startswith("The mail server's certificate cannot be trusted")
    assert failed.everyone
    assert not failed.permanent
    assert mail.letters == []


async def test_nothing_goes_out_in_the_clear_where_encryption_was_asked_for(trust: Trust) -> None:
    async with mail_server(trust, "plain") as mail:
        without = await failure(email(mail, "starttls", authorities=trust.authorities))
        never = await failure(email(mail, "tls", authorities=trust.authorities))
    assert without.sentence == (
        "The mail server lacks what the hub needs: SMTP STARTTLS extension not supported by server."
    )
    assert never.sentence.startswith("The mail server does not speak TLS here")
    assert without.everyone
    assert never.everyone
    assert mail.letters == []


@pytest.mark.parametrize(
    ("command", "answer", "permanent", "said"),
    [
        ("RCPT", "550 5.1.1 no such user", True, "refuses this recipient: 550 5.1.1 no such user"),
        ("RCPT", "450 4.2.0 greylisted", False, "refuses this recipient: 450 4.2.0 greylisted"),
        ("DATA", "554 5.7.1 looks like spam", True, "did not take the letter: 554 5.7.1 looks like spam"),
        ("DATA", "451 4.3.0 try later", False, "did not take the letter: 451 4.3.0 try later"),
    ],
    ids=["unknown recipient", "greylisted", "spam", "busy"],
)
async def test_what_a_server_refuses_for_good_is_not_tried_again(
    trust: Trust, command: str, answer: str, permanent: bool, said: str
) -> None:
    async with mail_server(trust, "tls") as mail:
        mail.answers[command, "a@example.org"] = answer
        way = email(mail, authorities=trust.authorities)
        failed = await failure(way, parcel("a@example.org"))
        await way.deliver(parcel("b@example.org"))
        await way.rest()
    assert said in failed.sentence
    assert (failed.permanent, failed.everyone) == (permanent, False)


async def test_a_server_that_is_not_there_blocks_the_way_and_no_message(trust: Trust) -> None:
    async with mail_server(trust, "tls") as mail:
        way = email(mail, authorities=trust.authorities)
    failed = await failure(way)
    assert failed.sentence == "The mail server cannot be reached."
    assert (failed.permanent, failed.everyone) == (False, True)


async def test_a_server_that_says_nothing_does_not_hold_us() -> None:
    async with silent_server() as port, asyncio.timeout(2):
        failed = await failure(email(MailServer(port), "plain", seconds=0.4))
    assert failed.sentence == "The mail server does not answer."


async def test_a_server_that_hangs_up_in_the_middle_leaves_the_letter_for_later() -> None:
    async with silent_server(b"220 hello\r\n", b"250 hello\r\n") as port:
        failed = await failure(email(MailServer(port), "plain"))
    assert failed.sentence == "The mail server hung up before it had taken the letter."
    assert not failed.permanent


async def test_what_a_server_says_fits_into_a_line_of_text(trust: Trust) -> None:
    async with mail_server(trust, "tls") as mail:
        mail.answers["DATA", "a@example.org"] = "550 bad\x00\x07 " + "x" * 400
        failed = await failure(email(mail, authorities=trust.authorities), parcel("a@example.org"))
    assert failed.sentence.isprintable()
    assert len(failed.sentence) < 400


@pytest.mark.parametrize("recipient", ["", "nobody", "a@example.org\r\nRCPT TO:<b@example.org>", "A <a@example.org>"])
async def test_what_is_no_address_is_never_tried(trust: Trust, recipient: str) -> None:
    async with mail_server(trust, "tls") as mail:
        failed = await failure(email(mail, authorities=trust.authorities), parcel(recipient))
    assert failed.permanent
    assert mail.connections == 0


async def test_no_subject_adds_a_header_or_a_recipient(trust: Trust) -> None:
    async with mail_server(trust, "tls") as mail:
        way = email(mail, authorities=trust.authorities)
        await way.deliver(parcel(subject="x\r\nBcc: b@example.org\r\n\r\nbody\r\n.\r\nMAIL FROM:<c@example.org>"))
        await way.rest()
    [letter] = mail.letters
    assert "Bcc" not in letter
    assert letter["Subject"] == "x Bcc: b@example.org body . MAIL FROM:<c@example.org>"


async def test_an_address_in_another_script_is_written_to(trust: Trust) -> None:
    async with mail_server(trust, "tls") as mail:
        way = email(mail, authorities=trust.authorities)
        await way.deliver(parcel("عائشہ@example.org"))
        await way.rest()
    assert mail.letters[0]["To"] == "عائشہ@example.org"


async def test_certificates_that_cannot_be_read_are_the_operators_to_mend(trust: Trust, tmp_path: Path) -> None:
    async with mail_server(trust, "tls") as mail:
        failed = await failure(email(mail, authorities=tmp_path / "gone.pem"))
    assert failed.everyone
    assert "certificates" in failed.sentence


async def test_whoever_cancels_leaves_no_connection_half_way(trust: Trust) -> None:
    async with mail_server(trust, "tls") as mail:
        mail.seconds = 1.0
        way = email(mail, authorities=trust.authorities)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.4):
                await way.deliver(parcel())
        mail.seconds = 0.0
        await way.deliver(parcel())
        await way.rest()
        assert mail.connections == 2
