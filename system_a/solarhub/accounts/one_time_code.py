"""The codes of a second factor: six digits that change every half minute, and recovery codes that work once."""

import hmac
import re
import secrets
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import pyotp
import segno

STEP_SECONDS = 30
RECOVERY_CODES = 10

_DRIFT_STEPS = 1
_RECOVERY_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RECOVERY_LENGTH = 16
_MISREAD = str.maketrans("OIL", "011")
_ISSUER = "Solar Hub"


def new_seed() -> str:
    """160 random bits in base32, as authenticators take them."""
    return pyotp.random_base32(32)


def address_for_authenticator(seed: str, email: str) -> str:
    """The otpauth address that a QR code holds."""
    return pyotp.TOTP(seed).provisioning_uri(name=email, issuer_name=_ISSUER)


def drawn(address: str) -> str:
    """The QR code of an address, as an SVG drawing on white."""
    code = segno.make(address, error="m", micro=False)
    return code.svg_inline(scale=4, border=4, dark="#000", light="#fff", svgclass=None, lineclass=None)


def matching_step(seed: str, code: str, now: datetime) -> int | None:
    """The time step that a code belongs to: the present one, or the one before or after it."""
    digits = re.sub(r"[\s-]", "", code)
    if re.fullmatch(r"[0-9]{6}", digits) is None:
        return None
    present = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(seed)
    found = None
    for step in range(present - _DRIFT_STEPS, present + _DRIFT_STEPS + 1):
        if hmac.compare_digest(totp.generate_otp(step), digits):
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Ten codes of 80 random bits, in groups of four; without letters that are mistaken for digits."""
    codes = [
        "".join(secrets.choice(_RECOVERY_ALPHABET) for _ in range(_RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)
    ]
    return ["-".join(code[start : start + 4] for start in range(0, _RECOVERY_LENGTH, 4)) for code in codes]


def recovery_hash(user_id: UUID, code: str) -> bytes | None:
    """What is kept of a recovery code, however it is typed; None for what cannot be one."""
    plain = re.sub(r"[\s-]", "", code).upper().translate(_MISREAD)
    if len(plain) != _RECOVERY_LENGTH or not plain.isascii():
        return None
    return sha256(user_id.bytes + plain.encode()).digest()
