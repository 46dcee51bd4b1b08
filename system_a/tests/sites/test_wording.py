"""What goes out about one plant says which plant, from whom, and how long, in both languages."""

from datetime import UTC, datetime

import pytest

from solarhub.accounts.vocabulary import Language
from solarhub.notifications.message import LINK
from solarhub.organizations.vocabulary import OrgMemberRole
from solarhub.sites.wording import grant_invitation, handover_offer

UNTIL = datetime(2026, 6, 12, 9, 30, tzinfo=UTC)
ENDS = datetime(2026, 12, 31, 18, 59, tzinfo=UTC)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("ends", [ENDS, None], ids=["for a time", "for good"])
def test_a_grant_says_what_one_will_see(language: Language, ends: datetime | None) -> None:
    words = grant_invitation(
        language,
        site="گلبرگ {link}",
        organization="Acme Solar",
        inviter="Ayesha Khan",
        role=OrgMemberRole.VIEWER,
        ends=ends,
        until=UNTIL,
        timezone="Asia/Karachi",
    )
    for text in (words.text, words.chat):
        assert "گلبرگ" in text
        assert "Acme Solar" in text
        assert "Ayesha Khan" in text
        assert "2026, 14:30 (Asia/Karachi)" in text
    assert words.text.split("\n").count(LINK) == 1, "a name cannot make a second place for the link"
    assert ("23:59" in words.text) == (ends is not None)


@pytest.mark.parametrize("language", list(Language))
def test_an_offer_says_that_the_plant_comes_with_everything(language: Language) -> None:
    words = handover_offer(
        language, site="Mall roof", organization="Acme Solar", inviter="Ayesha", until=UNTIL, timezone="Asia/Karachi"
    )
    assert all("Mall roof" in text for text in (words.subject, words.text, words.chat))
    assert words.text.split("\n").count(LINK) == 1
    assert "2026, 14:30 (Asia/Karachi)" in words.text
