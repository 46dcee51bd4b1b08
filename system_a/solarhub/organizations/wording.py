"""What an invitation says, in English and Urdu: pure."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from solarhub.accounts.dates import day_and_month
from solarhub.accounts.vocabulary import Language
from solarhub.organizations.vocabulary import OrgMemberRole

_ROLES = {
    Language.ENGLISH: {
        OrgMemberRole.OWNER: "owner",
        OrgMemberRole.ADMIN: "administrator",
        OrgMemberRole.MANAGER: "manager",
        OrgMemberRole.VIEWER: "viewer",
        OrgMemberRole.INSTALLER: "installer",
    },
    Language.URDU: {
        OrgMemberRole.OWNER: "مالک",
        OrgMemberRole.ADMIN: "منتظمِ اعلیٰ",
        OrgMemberRole.MANAGER: "مینیجر",
        OrgMemberRole.VIEWER: "ناظر",
        OrgMemberRole.INSTALLER: "انسٹالر",
    },
}


@dataclass(frozen=True, slots=True)
class Invitation:
    """A mail with `{link}` where the link comes, and `chat`: one line that is put before the link in a chat."""

    subject: str
    text: str
    chat: str


def membership_invitation(
    language: Language, *, organization: str, inviter: str | None, role: OrgMemberRole, until: datetime, timezone: str
) -> Invitation:
    """The words for somebody who is to join; `inviter` is None when it was the operator of the hub."""
    as_role = role_word(language, role)
    end = moment(language, until, timezone)
    if language is Language.URDU:
        opening = (
            f"{inviter} نے آپ کو {organization} میں بطور {as_role} شامل ہونے کی دعوت دی ہے۔"
            if inviter
            else f"آپ کو {organization} میں بطور {as_role} شامل ہونے کی دعوت دی گئی ہے۔"
        )
        return Invitation(
            subject=f"{organization} میں شمولیت کی دعوت",
            text=f"{opening}\n\n"
            f"شامل ہونے کے لیے یہ لنک کھولیں:\n{{link}}\n\n"
            f"یہ لنک ایک بار اور {end} تک کام کرتا ہے۔ اسے آگے نہ بھیجیں۔\n"
            f"اگر آپ کو اس دعوت کی توقع نہیں تھی تو کچھ کرنے کی ضرورت نہیں۔\n",
            chat=f"{opening} یہ لنک {end} تک کام کرتا ہے:",
        )
    opening = (
        f"{inviter} invites you to join {organization} as {as_role}."
        if inviter
        else f"You are invited to join {organization} as {as_role}."
    )
    return Invitation(
        subject=f"Invitation to {organization}",
        text=f"{opening}\n\n"
        f"Open this link to join:\n{{link}}\n\n"
        f"It works once, until {end}. Please do not pass it on.\n"
        f"If you did not expect this invitation, there is nothing you need to do.\n",
        chat=f"{opening} The link works until {end}:",
    )


def role_word(language: Language, role: OrgMemberRole) -> str:
    """What a role is called."""
    return _ROLES[language][role]


def moment(language: Language, at: datetime, timezone: str) -> str:
    """`12 June 2026, 14:30 (Asia/Karachi)`."""
    local = at.astimezone(ZoneInfo(timezone))
    return f"{day_and_month(language, local)} {local.year}, {local:%H:%M} ({timezone})"
