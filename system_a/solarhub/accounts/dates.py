"""Days in the languages of the hub's people: pure. By hand, for strftime speaks the language of the machine."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from solarhub.accounts.vocabulary import Language

_MONTHS: Mapping[Language, tuple[str, ...]] = MappingProxyType(
    {
        Language.ENGLISH: (
            "January", "February", "March", "April", "May", "June",
            "July", "August", "September", "October", "November", "December",
        ),
        Language.URDU: (
            "جنوری", "فروری", "مارچ", "اپریل", "مئی", "جون", "جولائی", "اگست", "ستمبر", "اکتوبر", "نومبر", "دسمبر",
        ),
    }
)  # fmt: skip


def day_and_month(language: Language, day: date, *, short: bool = False) -> str:
    """`12 June`; of a time, in the zone that it is in. `short`, where room is scarce: `12 Jun`; Urdu cuts no name."""
    month = _MONTHS[language][day.month - 1]
    return f"{day.day} {month[:3] if short and language is Language.ENGLISH else month}"
