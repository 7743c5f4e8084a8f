"""Fields of a form or a query, checked one by one; what is wrong is told beside its field.

form = Form(request.state.form)
name = form.line("name", longest=100)
role = form.choice("role", Role)
if form.errors: return page(..., form=form)     # `form.errors["name"]` is the key of a text: `forms.missing`
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import TypeVar

from starlette.datastructures import FormData, QueryParams

E = TypeVar("E", bound=StrEnum)

LINE = 200
"""Characters of a line, at most."""
LETTER = 20_000
"""Characters of a text of several lines, at most."""


class Form:
    """What was sent, and by field the key of the text that tells what is wrong with it."""

    def __init__(self, sent: FormData | QueryParams | None = None) -> None:
        self._sent = sent if sent is not None else QueryParams()
        self.errors: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        """Return a field as it was sent, to be shown again; empty where it was not."""
        value = self._sent.get(name, "")
        return value if isinstance(value, str) else ""

    def line(self, name: str, *, required: bool = True, longest: int = LINE) -> str:
        """Return one line without spaces around it."""
        value = self[name].strip()
        if not value.isprintable():
            self.errors[name] = "forms.unreadable"
        return self._checked(name, value, required=required, longest=longest)

    def letter(self, name: str, *, required: bool = True, longest: int = LETTER) -> str:
        """Return a text of several lines."""
        value = self[name].replace("\r\n", "\n").strip()
        if not value.replace("\n", "").replace("\t", "").isprintable():
            self.errors[name] = "forms.unreadable"
        return self._checked(name, value, required=required, longest=longest)

    def secret(self, name: str, *, longest: int = LINE) -> str:
        """Return a password as it was sent, spaces included."""
        return self._checked(name, self[name], required=True, longest=longest)

    def choice(self, name: str, choices: type[E], *, required: bool = True) -> E | None:
        """Return one of the choices."""
        value = self._checked(name, self[name], required=required, longest=LINE)
        if value and value not in {choice.value for choice in choices}:
            self.errors[name] = "forms.choice"
        return choices(value) if value and name not in self.errors else None

    def day(self, name: str, *, required: bool = True) -> date | None:
        """Return a calendar day, sent as a browser's date field does: 2026-11-22."""
        value = self._checked(name, self[name].strip(), required=required, longest=LINE)
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            self.errors[name] = "forms.day"
            return None

    def whole(self, name: str, least: int, most: int, *, required: bool = True) -> int | None:
        """Return a whole number within bounds."""
        value = self._checked(name, self[name].strip(), required=required, longest=LINE)
        if not value:
            return None
        number = int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None
        if number is None or not least <= number <= most:
            self.errors[name] = "forms.number"
            return None
        return number

    def ticked(self, name: str) -> bool:
        """Return whether a box was ticked."""
        return bool(self[name])

    def several(self, name: str) -> list[str]:
        """Return every value of a field that stands more than once."""
        return [value for value in self._sent.getlist(name) if isinstance(value, str)]

    def refuse(self, errors: Mapping[str, str]) -> None:
        """Add what a later check found: the keys of texts by field."""
        self.errors.update(errors)

    def _checked(self, name: str, value: str, *, required: bool, longest: int) -> str:
        if required and not value:
            self.errors[name] = "forms.missing"
        elif len(value) > longest:
            self.errors[name] = "forms.long"
        return value
