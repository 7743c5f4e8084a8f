"""Passwords of local accounts as argon2id hashes, with the library's own parameters (RFC 9106, low memory)."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 256
"""Characters of a password; the longest keeps hashing from becoming work for strangers to order."""


def hashed_password(password: str | None) -> str | None:
    """Return the hash to be stored; None for an account without a password."""
    return None if password is None else _hasher().hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Compare a password with a hash; without one do the same work in vain."""
    try:
        fits = _hasher().verify(stored or _nobody(), password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return fits and stored is not None and len(password) <= LONGEST


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    return _hasher().hash("nobody")
