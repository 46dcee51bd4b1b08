import pytest

from solarhub.accounts.vocabulary import Language
from solarhub.kit.errors import Invalid
from solarhub.organizations.settings import OrganizationSettings

KEPT = [{"samples_kept_days": days} for days in (30, 3661, 100.5, "400", True)]


def test_every_key_has_a_default_and_is_stored() -> None:
    assert OrganizationSettings().to_stored() == {
        "require_second_factor": False,
        "language": "en",
        "timezone": "Asia/Karachi",
        "samples_kept_days": 400,
    }


def test_what_cannot_be_is_refused_when_it_is_written() -> None:
    for wrong in (
        {"language": "de"},
        {"timezone": "Asia/Lahore"},
        {"require_second_factor": 1},
        {"plan": "gold"},
        *KEPT,
    ):
        with pytest.raises(Invalid):
            OrganizationSettings.parse(wrong)


def test_what_another_version_wrote_is_read_and_kept() -> None:
    read = OrganizationSettings.from_stored({"language": "sd", "plan": "gold", "require_second_factor": True})
    assert (read.language, read.require_second_factor) == (Language.ENGLISH, True)
    assert read.to_stored()["plan"] == "gold"
