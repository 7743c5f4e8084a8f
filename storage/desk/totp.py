"""Time-based one-time passwords (RFC 6238), as authenticator programs show them: the second factor of an account.

The secret is sealed. A code is good for its half minute and, for clocks that differ and slow fingers, the one after;
and once only: the step that was used last is kept.
"""

import base64
import binascii
import secrets
from typing import Final
from urllib.parse import quote

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from storage.columns import now
from storage.keys import Keyring
from storage.models import AccountRow

STEP: Final = 30
"""Seconds that a code is shown."""
DIGITS: Final = 6
SEALED_AS: Final = "accounts.second_factor"
_SECRET_BYTES: Final = 20
"""As long as the output of the hash, RFC 4226 section 4."""


def new_secret() -> str:
    """Return a random secret in base32, as people type it into an authenticator."""
    return base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def address(secret: str, account: str) -> str:
    """Return the address that authenticators read from a QR code."""
    return (
        f"otpauth://totp/kanit:{quote(account, safe='')}"
        f"?secret={secret}&issuer=kanit&algorithm=SHA1&digits={DIGITS}&period={STEP}"
    )


def code_at(secret: str, seconds: int) -> str:
    """Return the code of a moment, in seconds since 1970. Raises ValueError for what is no secret."""
    return _totp(secret).generate(seconds).decode()


def admits(keys: Keyring, row: AccountRow, code: str) -> bool:
    """Return whether a code is right for an account, and use it up. An account without a second factor needs none."""
    if row.second_factor is None:
        return True
    step = step_of(keys.unseal(row.second_factor, SEALED_AS), code, row.second_step)
    if step is not None:
        row.second_step = step
    return step is not None


def step_of(secret: str, code: str, used: int | None = None) -> int | None:
    """Return the step that a code belongs to; None for a wrong one, and for one of a step that was used.

    Raises ValueError for what is no secret.
    """
    totp, present = _totp(secret), int(now().timestamp()) // STEP
    digits = code.replace(" ", "")
    for step in (present, present - 1):
        if used is None or step > used:
            try:
                totp.verify(digits.encode(), step * STEP)
            except InvalidToken:
                continue
            return step
    return None


def _totp(secret: str) -> TOTP:
    try:
        key = base64.b32decode(secret)
    except binascii.Error as error:
        raise ValueError("no secret of a second factor") from error
    return TOTP(key, DIGITS, SHA1(), STEP)  # noqa: S303 - in an HMAC, and the only one that all authenticators know
