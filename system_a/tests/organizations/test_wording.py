from datetime import UTC, datetime

import pytest

from solarhub.accounts.vocabulary import Language
from solarhub.notifications.message import Message
from solarhub.organizations.vocabulary import OrgMemberRole
from solarhub.organizations.wording import membership_invitation

UNTIL = datetime(2026, 6, 12, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("role", OrgMemberRole)
@pytest.mark.parametrize("inviter", ["Ayesha Khan", None], ids=["by somebody", "by the operator"])
def test_a_mail_names_the_company_and_has_one_place_for_its_link(
    language: Language, role: OrgMemberRole, inviter: str | None
) -> None:
    words = membership_invitation(
        language,
        organization="{link} Acme",
        inviter=inviter,
        role=role,
        until=UNTIL,
        timezone="Asia/Karachi",
    )
    sent = Message(
        channel="email", recipient="a@example.org", event="x", subject=words.subject, text=words.text, link="https://x"
    )
    assert "Acme" in sent.content["subject"]
    assert (inviter or "Acme") in words.chat
    assert "14:30 (Asia/Karachi)" in words.text
    assert "\n" not in words.chat


def test_the_two_languages_say_it_differently() -> None:
    told = {
        membership_invitation(
            language, organization="Acme", inviter=None, role=OrgMemberRole.VIEWER, until=UNTIL, timezone="UTC"
        ).text
        for language in Language
    }
    assert len(told) == 2
