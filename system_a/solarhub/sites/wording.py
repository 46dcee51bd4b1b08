"""What an invitation to one plant, and the offer of one, say in English and Urdu: pure."""

from datetime import datetime

from solarhub.accounts.vocabulary import Language
from solarhub.organizations.vocabulary import OrgMemberRole
from solarhub.organizations.wording import Invitation, moment, role_word


def grant_invitation(
    language: Language,
    *,
    site: str,
    organization: str,
    inviter: str,
    role: OrgMemberRole,
    ends: datetime | None,
    until: datetime,
    timezone: str,
) -> Invitation:
    """The words for somebody who is to see one plant until `ends`; the link works until `until`."""
    as_role, end = role_word(language, role), moment(language, until, timezone)
    if language is Language.URDU:
        opening = f"{inviter} ({organization}) نے آپ کو سولر پلانٹ {site} بطور {as_role} دکھانے کی دعوت دی ہے۔"
        lasts = f"یہ اجازت {moment(language, ends, timezone)} تک ہے۔\n\n" if ends is not None else ""
        return Invitation(
            subject=f"سولر پلانٹ {site} دیکھنے کی دعوت",
            text=f"{opening}\n\n{lasts}"
            f"پلانٹ دیکھنے کے لیے یہ لنک کھولیں:\n{{link}}\n\n"
            f"یہ لنک ایک بار اور {end} تک کام کرتا ہے۔ اسے آگے نہ بھیجیں۔\n"
            f"اگر آپ کو اس دعوت کی توقع نہیں تھی تو کچھ کرنے کی ضرورت نہیں۔\n",
            chat=f"{opening} یہ لنک {end} تک کام کرتا ہے:",
        )
    opening = f"{inviter} of {organization} invites you to see the solar plant {site} as {as_role}."
    lasts = f"You will see it until {moment(language, ends, timezone)}.\n\n" if ends is not None else ""
    return Invitation(
        subject=f"See the solar plant {site}",
        text=f"{opening}\n\n{lasts}"
        f"Open this link to see it:\n{{link}}\n\n"
        f"It works once, until {end}. Please do not pass it on.\n"
        f"If you did not expect this invitation, there is nothing you need to do.\n",
        chat=f"{opening} The link works until {end}:",
    )


def handover_offer(
    language: Language, *, site: str, organization: str, inviter: str, until: datetime, timezone: str
) -> Invitation:
    """The words for whoever is to take a plant over with everything that belongs to it."""
    end = moment(language, until, timezone)
    if language is Language.URDU:
        opening = (
            f"{inviter} ({organization}) سولر پلانٹ {site} آپ کے حوالے کرنا چاہتے ہیں، "
            "اس کے آلات، ریکارڈ اور الرٹس سمیت۔"
        )
        return Invitation(
            subject=f"سولر پلانٹ {site} کی حوالگی",
            text=f"{opening}\n\n"
            f"قبول کرنے کے لیے یہ لنک کھولیں:\n{{link}}\n\n"
            f"یہ لنک ایک بار اور {end} تک کام کرتا ہے۔ جس کے پاس یہ لنک ہو وہ پلانٹ لے سکتا ہے: اسے آگے نہ بھیجیں۔\n",
            chat=f"{opening} یہ لنک {end} تک کام کرتا ہے:",
        )
    opening = (
        f"{inviter} of {organization} hands the solar plant {site} over to you,"
        " with its devices, its history and its alerts."
    )
    return Invitation(
        subject=f"The solar plant {site} is handed over to you",
        text=f"{opening}\n\n"
        f"Open this link to accept:\n{{link}}\n\n"
        f"It works once, until {end}. Whoever holds it can take the plant: please do not pass it on.\n",
        chat=f"{opening} The link works until {end}:",
    )
