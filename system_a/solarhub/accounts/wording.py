"""What a person is written about their own account: pure sentences, in the person's language and time zone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Literal
from zoneinfo import ZoneInfo

from solarhub.accounts.dates import day_and_month
from solarhub.accounts.vocabulary import Language

Event = Literal[
    "verify_email",
    "change_email",
    "change_email_asked",
    "email_changed",
    "email_taken",
    "reset_password",
    "password_changed",
    "second_factor_on",
    "second_factor_off",
    "recovery_code_used",
]


@dataclass(frozen=True, slots=True)
class Letter:
    """Subject and plain text; `{link}` stands alone on a line where there is one."""

    subject: str
    text: str


_LINK = "{link}"
_NOT_YOU = "If this was not you, set a new password at once: {page}/reset-password"
_NOT_YOU_UR = "اگر یہ آپ نے نہیں کیا تو فوراً نیا پاس ورڈ رکھیں: {page}/reset-password"

_ENGLISH: Mapping[Event, tuple[str, tuple[str, ...]]] = {
    "verify_email": (
        "Confirm your e-mail address",
        ("Please confirm that this is your e-mail address. The link works once, for seven days:", _LINK),
    ),
    "change_email": (
        "Confirm your new e-mail address",
        (
            "You want to use {email} for your Solar Hub account. Confirm it by this link; it works once, for an hour:",
            _LINK,
            "If you did not ask for this, do nothing: nothing will change.",
        ),
    ),
    "change_email_asked": (
        "Your e-mail address is about to change",
        (
            (
                "On {time} somebody who knows your password asked to change the e-mail address of your Solar Hub"
                " account to {email}. It changes as soon as that address is confirmed."
            ),
            _NOT_YOU,
        ),
    ),
    "email_changed": (
        "Your e-mail address was changed",
        (
            (
                "Since {time} your Solar Hub account has the e-mail address {email}. This one can no longer be used to"
                " sign in."
            ),
            "If this was not you, tell whoever runs your Solar Hub.",
        ),
    ),
    "email_taken": (
        "You already have an account",
        (
            (
                "Somebody wanted to use this e-mail address for another Solar Hub account. It belongs to yours, so"
                " nothing was changed."
            ),
        ),
    ),
    "reset_password": (
        "Set a new password",
        (
            (
                "Somebody, hopefully you, asked for a new password for your Solar Hub account. Set it with this"
                " link, which works once, for one hour:"
            ),
            _LINK,
            "If you did not ask for this, do nothing: your password stays as it is.",
        ),
    ),
    "password_changed": (
        "Your password was changed",
        (
            "The password of your Solar Hub account was changed on {time}. You were signed out everywhere else.",
            _NOT_YOU,
        ),
    ),
    "second_factor_on": (
        "A second factor protects your account",
        (
            "Since {time} a code is asked for when you sign in to Solar Hub. Keep your recovery codes in a safe place.",
            _NOT_YOU,
        ),
    ),
    "second_factor_off": (
        "Your second factor was removed",
        ("Since {time} no code is asked for any more when you sign in to Solar Hub.", _NOT_YOU),
    ),
    "recovery_code_used": (
        "A recovery code was used",
        ("On {time} somebody signed in to your Solar Hub account with a recovery code. {left} are left.", _NOT_YOU),
    ),
}

_URDU: Mapping[Event, tuple[str, tuple[str, ...]]] = {
    "verify_email": (
        "اپنے ای میل پتے کی تصدیق کریں",
        ("براہِ کرم تصدیق کریں کہ یہ ای میل پتا آپ کا ہے۔ یہ لنک سات دن تک، صرف ایک بار کام کرے گا:", _LINK),
    ),
    "change_email": (
        "اپنے نئے ای میل پتے کی تصدیق کریں",
        (
            (
                "آپ اپنے سولر ہب اکاؤنٹ کے لیے {email} استعمال کرنا چاہتے ہیں۔ اس لنک سے تصدیق کریں، جو ایک گھنٹے تک،"
                " صرف ایک بار کام کرے گا:"
            ),
            _LINK,
            "اگر یہ درخواست آپ نے نہیں کی تو کچھ نہ کریں، کچھ نہیں بدلے گا۔",
        ),
    ),
    "change_email_asked": (
        "آپ کا ای میل پتا تبدیل ہونے والا ہے",
        (
            (
                "{time} کو کسی نے، جسے آپ کا پاس ورڈ معلوم ہے، آپ کے سولر ہب اکاؤنٹ کا ای میل پتا بدل کر {email}"
                " رکھنے کی درخواست کی۔ اس پتے کی تصدیق ہوتے ہی یہ تبدیل ہو جائے گا۔"
            ),
            _NOT_YOU_UR,
        ),
    ),
    "email_changed": (
        "آپ کا ای میل پتا تبدیل ہو گیا",
        (
            "{time} سے آپ کے سولر ہب اکاؤنٹ کا ای میل پتا {email} ہے۔ اب اس پرانے پتے سے سائن اِن نہیں ہو سکتا۔",
            "اگر یہ آپ نے نہیں کیا تو اپنے سولر ہب کے منتظم کو بتائیں۔",
        ),
    ),
    "email_taken": (
        "آپ کا اکاؤنٹ پہلے سے موجود ہے",
        (
            (
                "کسی نے یہ ای میل پتا ایک اور سولر ہب اکاؤنٹ کے لیے استعمال کرنا چاہا۔ یہ آپ کے اکاؤنٹ کا پتا ہے،"
                " اس لیے کچھ نہیں بدلا گیا۔"
            ),
        ),
    ),
    "reset_password": (
        "نیا پاس ورڈ رکھیں",
        (
            (
                "کسی نے، غالباً آپ ہی نے، آپ کے سولر ہب اکاؤنٹ کے لیے نیا پاس ورڈ رکھنے کی درخواست کی ہے۔ اس لنک سے نیا"
                " پاس ورڈ رکھیں، جو ایک گھنٹے تک، صرف ایک بار کام کرے گا:"
            ),
            _LINK,
            "اگر یہ درخواست آپ نے نہیں کی تو کچھ نہ کریں، آپ کا پاس ورڈ وہی رہے گا۔",
        ),
    ),
    "password_changed": (
        "آپ کا پاس ورڈ تبدیل ہو گیا",
        (
            "آپ کے سولر ہب اکاؤنٹ کا پاس ورڈ {time} کو تبدیل کیا گیا۔ باقی ہر جگہ سے آپ کو سائن آؤٹ کر دیا گیا ہے۔",
            _NOT_YOU_UR,
        ),
    ),
    "second_factor_on": (
        "آپ کے اکاؤنٹ پر دوہری تصدیق لگ گئی",
        (
            "{time} سے سولر ہب میں سائن اِن کرتے وقت ایک کوڈ بھی مانگا جائے گا۔ اپنے ریکوری کوڈ محفوظ جگہ پر رکھیں۔",
            _NOT_YOU_UR,
        ),
    ),
    "second_factor_off": (
        "دوہری تصدیق ہٹا دی گئی",
        ("{time} سے سولر ہب میں سائن اِن کرتے وقت کوڈ نہیں مانگا جائے گا۔", _NOT_YOU_UR),
    ),
    "recovery_code_used": (
        "ایک ریکوری کوڈ استعمال ہوا",
        ("{time} کو کسی نے ریکوری کوڈ سے آپ کے سولر ہب اکاؤنٹ میں سائن اِن کیا۔ اب {left} کوڈ باقی ہیں۔", _NOT_YOU_UR),
    ),
}

_LETTERS = MappingProxyType({Language.ENGLISH: _ENGLISH, Language.URDU: _URDU})
_GREETINGS = MappingProxyType({Language.ENGLISH: "Hello {name},", Language.URDU: "السلام علیکم {name}،"})


def letter(
    event: Event,
    language: Language,
    *,
    name: str,
    public_url: str,
    at: datetime,
    timezone: str,
    email: str = "",
    left: int = 0,
) -> Letter:
    """The letter about `event` to a person of that name, told in their language and the time of their zone."""
    subject, paragraphs = _LETTERS[language][event]
    told = {
        "name": _on_one_line(name),
        "email": _on_one_line(email),
        "page": public_url,
        "time": _time(at, language, timezone),
        "left": str(left),
        "link": _LINK,
    }
    text = "\n\n".join(paragraph.format_map(told) for paragraph in (_GREETINGS[language], *paragraphs))
    return Letter(subject, f"{text}\n\nSolar Hub\n{public_url}\n")


def _on_one_line(text: str) -> str:
    """A name that somebody chose stays a name: it opens no line of its own."""
    return " ".join(text.split())


def _time(at: datetime, language: Language, timezone: str) -> str:
    local = at.astimezone(ZoneInfo(timezone))
    day = f"{day_and_month(language, local)} {local.year}"
    if language is Language.URDU:
        return f"{day}، {local:%H:%M} بجے ({timezone})"
    return f"{day} at {local:%H:%M} ({timezone})"
