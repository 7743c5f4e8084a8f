import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from extractors.turkish import fold, lower, repair, upper

LOWER_LETTERS = "abcçdefgğhıijklmnoöprsştuüvyzâîû"
UPPER_LETTERS = "ABCÇDEFGĞHIİJKLMNOÖPRSŞTUÜVYZÂÎÛ"
TURKISH = st.text(alphabet=LOWER_LETTERS + UPPER_LETTERS + "qwxQWX0123456789 .,:;-/()&'\"\n", max_size=60)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("izmir", "İZMİR"), ("ışık", "IŞIK"), ("Isparta", "ISPARTA"), ("Çağrı", "ÇAĞRI"), ("kâmil", "KÂMİL")],
)
def test_upper(text: str, expected: str) -> None:
    assert upper(text) == expected


@pytest.mark.parametrize(("text", "expected"), [("İZMİR", "izmir"), ("IŞIK", "ışık"), ("ILGAZ", "ılgaz")])
def test_lower(text: str, expected: str) -> None:
    assert lower(text) == expected
    assert len(lower(text)) == len(text)


def test_case_of_the_whole_alphabet() -> None:
    assert upper(LOWER_LETTERS) == UPPER_LETTERS
    assert lower(UPPER_LETTERS) == LOWER_LETTERS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SÝGORTALI ÝÞE GÝRÝÞ BÝLDÝRGESÝ", "SİGORTALI İŞE GİRİŞ BİLDİRGESİ"),
        ("ýþð ÝÞÐ", "ışğ İŞĞ"),
        ("BĠYOTEKNĠK SERVĠS A.ġ.", "BİYOTEKNİK SERVİS A.Ş."),
        ("kiĢi", "kişi"),
        ("Å\x9eÄ°RKETÄ°", "ŞİRKETİ"),
        ("ÅžÄ°RKETÄ°", "ŞİRKETİ"),
        ("Ã‡AÄžRI", "ÇAĞRI"),
        ("ÃœNVAN", "ÜNVAN"),
        ("A\u00a0B\u202fC\u2007D", "A B C D"),
        ("MADDE 5 \u2012 \u2013 \u2014 \u2212", "MADDE 5 - - - -"),
        ("bel\u00adge\u200b\ufeff", "belge"),
        ("e\u2019nin \u2018x\u2019", "e'nin 'x'"),
        ("o\ufb01s", "ofis"),
        ("i\u0307zmi\u0307r", "izmir"),
        (unicodedata.normalize("NFD", "ŞİŞLİ ığüöç"), "ŞİŞLİ ığüöç"),
    ],
)
def test_repair(text: str, expected: str) -> None:
    assert repair(text) == expected


@pytest.mark.parametrize("text", ["MÄDCHEN", "Ångström", "São", "Ä"])
def test_letters_of_other_languages_survive_repair(text: str) -> None:
    assert repair(text) == text


@given(TURKISH)
@settings(max_examples=200)
@example("IĞDIR ığdır İĞDİR iğdir")
def test_repair_never_changes_sound_turkish_text(text: str) -> None:
    assert repair(text) == text
    assert repair(unicodedata.normalize("NFD", text)) == text


@given(TURKISH)
@settings(max_examples=200)
def test_repair_undoes_what_readers_do_to_turkish_text(text: str) -> None:
    assert repair(text.encode("cp1254", errors="replace").decode("latin-1")) == repair(
        text.encode("cp1254", errors="replace").decode("cp1254")
    )
    assert repair(text.encode().decode("latin-1")) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ışık", "ISIK"),
        ("İZMİR", "IZMIR"),
        ("Iğdır", "IGDIR"),
        ("Hizmet Dökümü", "HIZMET DOKUMU"),
        ("kâr", "KAR"),
        ("HÝZMET DÖKÜMÜ", "HIZMET DOKUMU"),
        ("i\u0307zmir", "IZMIR"),
        ("BĠLDĠRGESĠ", "BILDIRGESI"),
        ("Ünvan", "UNVAN"),
    ],
)
def test_fold(text: str, expected: str) -> None:
    assert fold(text) == expected


@given(TURKISH)
@settings(max_examples=200)
def test_folded_turkish_text_is_ascii_in_upper_case(text: str) -> None:
    folded = fold(text)
    assert folded.isascii()
    assert folded == folded.upper()
    assert len(folded) == len(text)
    assert folded == fold(upper(text)) == fold(lower(text))


@given(st.text(max_size=60))
@settings(max_examples=500)
def test_fold_done_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)
