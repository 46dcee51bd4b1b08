import pytest

from solarhub.accounts.vocabulary import Language
from solarhub.devices.wording import claim_letter


@pytest.mark.parametrize("language", Language)
def test_the_letter_says_who_claims_what_and_where_to_answer(language: Language) -> None:
    subject, text = claim_letter(
        language, device="Inverter 1", serial_number="SN-1", claimant="Beta Solar", public_url="https://hub.example.org"
    )
    assert "Inverter 1" in subject
    assert all(word in text for word in ("Beta Solar", "SN-1", "Inverter 1", "https://hub.example.org"))
    assert any("\u0600" <= letter <= "\u06ff" for letter in text) is (language is Language.URDU)
