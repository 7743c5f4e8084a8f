"""A new password of a form: long enough, entered twice alike, not among those that are guessed first or were leaked.

Nothing is asked about the kinds of its characters, and it never runs out (NIST SP 800-63B 3.1.1).
"""

import logging
from pathlib import Path

from review.forms import Form
from storage.desk.common_passwords import is_breached, is_common
from storage.desk.passwords import LONGEST, SHORTEST

log = logging.getLogger(__name__)


def new_password(form: Form, name: str, leaked: Path | None) -> str:
    """Return the new password of the fields `new` and `again`, for the account of that name.

    `leaked` is the file of leaked passwords, or None.
    """
    new = form.secret("new", longest=LONGEST)
    if "new" in form.errors:
        return new
    if fault := _fault(new, name, leaked):
        form.refuse({"new": fault})
    elif new != form["again"]:
        form.refuse({"again": "passwords.differ"})
    return new


def _fault(new: str, name: str, leaked: Path | None) -> str:
    """Return the key of the text that tells what is wrong with a password, or nothing."""
    if len(new) < SHORTEST:
        return "passwords.short"
    if name.lower() in new.lower():
        return "passwords.like_name"
    if is_common(new, name):
        return "passwords.simple"
    try:
        return "passwords.leaked" if is_breached(new, leaked) else ""
    except OSError as error:
        log.warning("the list of leaked passwords cannot be read: %s", type(error).__name__)
        return "passwords.unchecked"
