"""What the owners of a device are told when somebody claims its serial number, in English and Urdu: pure."""

from solarhub.accounts.vocabulary import Language


def claim_letter(
    language: Language, *, device: str, serial_number: str, claimant: str, public_url: str
) -> tuple[str, str]:
    """Subject and text. The claimant's message is read in the hub alone: a stranger's words are no part of a letter."""
    if language is Language.URDU:
        subject = f"{device} کے سیریل نمبر پر دعویٰ"
        text = (
            f"{claimant} کا کہنا ہے کہ سیریل نمبر {serial_number} والا آلہ اب ان کے پاس ہے۔\n\n"
            f"سولر ہب میں یہ نمبر آپ کے آلے {device} پر درج ہے۔ اگر یہ درست ہے تو دعویٰ منظور کریں: آپ کا آلہ اپنے"
            " تمام ریکارڈ کے ساتھ آپ کے پاس رہے گا، صرف نمبر اور اس کے ٹوکن ختم ہو جائیں گے۔ اگر درست نہیں تو اسے"
            " مسترد کر دیں۔ جب تک آپ جواب نہیں دیتے کچھ نہیں بدلے گا، سوائے اس کے کہ وہ آلے کا ٹوکن دکھا دیں۔\n\n"
            f"پیغام پڑھنے اور جواب دینے کے لیے: {public_url}\n\n"
            "ہم نے انہیں نہیں بتایا کہ یہ آلہ کس کے پاس ہے۔\n"
        )
        return subject, text
    subject = f"Somebody claims the serial number of {device}"
    text = (
        f"{claimant} says that the device with the serial number {serial_number} is theirs now.\n\n"
        f"On Solar Hub this number stands on your device {device}. If they are right, grant the claim: your device"
        " stays yours with all its history, and only the number and its tokens end. If they are not, refuse it."
        " Until you answer nothing changes, unless they show the device's token.\n\n"
        f"Read their message and answer here: {public_url}\n\n"
        "We did not tell them whose device it is.\n"
    )
    return subject, text
