"""Lines of the audit trail in words."""

import re
from pathlib import Path

import pytest

import review
import storage
from review.audit_words import Subject, told_details, told_subject
from review.texts import Language, catalogue
from storage.columns import now
from storage.desk.accounts import Account, Role

AYLA = Account(3, "ayla", "Ayla Tekin", Role.REVIEWER, True, False, None, True, None, now(), None)
TURKISH, ENGLISH = Language.TURKISH, Language.ENGLISH


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ("account:3", "Hesap ayla – Ayla Tekin"),
        ("account:99", "Hesap 99"),
        ("account:unknown", "Bilinmeyen hesap"),
        ("page:review.accounts_page.show_accounts", "Sayfa: Hesaplar"),
        ("page:queue_search", "Sayfa: Başvurular"),
        ("page:elsewhere", "Sayfa: elsewhere"),
        ("audit:trail", "Denetim izi"),
        ("audit:12", "Denetim izi, 12. satıra kadar"),
        ("registry:person", "Sicil, T.C. kimlik numarasıyla"),
        ("queue:person", "Kuyrukta bir kişi"),
        ("queue:return_to_applicant", "Başvuru kuyruğu"),
        (f"certificate:{'ab' * 32}", "Sertifika dosyası abababababab…"),
        ("something:else", "something:else"),
    ],
)
def test_what_a_line_is_about(kept: str, words: str) -> None:
    assert told_subject(kept, [AYLA], TURKISH) == Subject(words)


def test_an_application_is_told_with_its_page() -> None:
    assert told_subject("application:TS/1", [], ENGLISH) == Subject("Application TS/1", "/cases/TS%2F1")


def test_what_a_ruling_holds_is_told_in_words() -> None:
    details = {
        "ruling": 7,
        "kind": "approve",
        "state": "declined",
        "override": True,
        "codes": ["EMPLOYER_DIFFERENT", "NO_LINK"],
    }
    assert told_details(details, TURKISH) == (
        "karar no: 7",
        "karar: Onay",
        "durumu: kabul edilmedi",
        "engele rağmen",
        "nedenler: İşveren başka, Dökümde sağlayıcıyla bağ yok",
    )


def test_people_count_from_one_and_what_is_untrue_is_left_out() -> None:
    details = {"document": 0, "person": 1, "override": False, "codes": [], "version": 0}
    assert told_details(details, TURKISH) == ("belge sırası: 1", "kişi sırası: 2", "klasörün sürümü: 0")


@pytest.mark.parametrize(
    ("what", "told"),
    [("role:auditor", "değişen: rol: Denetçi"), ("password", "değişen: parola"), ("else", "değişen: else")],
)
def test_what_was_changed_of_an_account(what: str, told: str) -> None:
    assert told_details({"what": what}, TURKISH) == (told,)


def test_what_has_no_words_is_told_as_it_is_kept() -> None:
    assert told_details({"novel": "x", "other": None}, TURKISH) == ("novel: x", "other: None")


@pytest.mark.parametrize("language", Language)
def test_every_kind_of_object_that_is_written_has_words(language: Language) -> None:
    """Whoever writes lines about something new gives it a name here."""
    folders = (Path(review.__file__).parent, Path(storage.__file__).parent)
    written = {
        kind
        for folder in folders
        for path in folder.rglob("*.py")
        for kind in re.findall(r'about\("(\w+)"', path.read_text("utf-8"))
    }
    named = {
        key.split(".")[2].partition("_")[0] for key in catalogue(language) if key.startswith("audit.objects.")
    }
    assert written <= named
