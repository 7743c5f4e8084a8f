"""A new password of a form: long enough, entered twice alike (NIST SP 800-63B 3.1.1: length alone)."""

from review.forms import Form
from storage.desk.accounts import LONGEST, SHORTEST


def new_password(form: Form, name: str) -> str:
    """Return the new password of the fields `new` and `again`, for the account of that name."""
    new = form.secret("new", longest=LONGEST)
    if "new" not in form.errors and len(new) < SHORTEST:
        form.refuse({"new": "passwords.short"})
    elif name.lower() in new.lower():
        form.refuse({"new": "passwords.like_name"})
    elif new != form["again"]:
        form.refuse({"again": "passwords.differ"})
    return new
