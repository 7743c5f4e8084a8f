"""Turkish words that forms print."""

from datetime import datetime

from tests.papers.model import day

MONTHS = (
    "OCAK",
    "ŞUBAT",
    "MART",
    "NİSAN",
    "MAYIS",
    "HAZİRAN",
    "TEMMUZ",
    "AĞUSTOS",
    "EYLÜL",
    "EKİM",
    "KASIM",
    "ARALIK",
)


def long_date(moment: datetime) -> str:
    """Print `20 KASIM 2026 14:05`."""
    return f"{moment.day:02d} {MONTHS[moment.month - 1]} {moment.year} {moment:%H:%M}"


def issue_phrases(moment: datetime) -> tuple[str, ...]:
    """Return the ways in which a statement says when it was issued."""
    return (
        f"{long_date(moment)} İTİBARIYLA",
        f"{day(moment)} TARİHİNDE ALINMIŞTIR",
        f"BELGE TARİHİ : {day(moment)}",
        f"OLUŞTURMA TARİHİ: {day(moment)} {moment:%H:%M}",
    )
