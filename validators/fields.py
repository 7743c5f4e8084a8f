"""What a document's fields say, wherever it is asked: a text, groups, a day, and whose paper it is."""

from datetime import date

from extractors.facts import Document, Field


def text_of(field: Field | None) -> str | None:
    """Return the value of a field that is a text, or None where it was not read or is disputed."""
    return field.value if field is not None and isinstance(field.value, str) and field.value else None


def groups_of(field: Field | None) -> dict[str, str] | None:
    """Return the value of a field that has groups, or None where it was not read or is disputed."""
    return field.value if field is not None and isinstance(field.value, dict) and field.value else None


def day_of(text: str | None) -> date | None:
    """Return the day of an ISO date, or None where there is none."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def day_in(field: Field | None) -> date | None:
    """Return the calendar day of a field that is a date or a moment, or None."""
    text = text_of(field)
    return day_of(text[:10]) if text is not None else None


def owner_of(document: Document) -> str | None:
    """Return the T.C. number that a paper prints, else the one that its e-Devlet codes agree on."""
    printed = text_of(document.fields.get("national_id"))
    if printed is not None:
        return printed
    coded = {qr.national_id for qr in document.qrs if qr.national_id is not None}
    return coded.pop() if len(coded) == 1 else None
