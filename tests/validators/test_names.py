import unicodedata

import pytest

from validators.names import NameMatch, compare_names


@pytest.mark.parametrize(
    ("a", "b", "match"),
    [
        (("AYŞE", "ÖRNEK"), ("Ayşe", "Örnek"), NameMatch.SAME),
        (("AYŞE", "ÖRNEK"), ("ÖRNEK", "AYŞE"), NameMatch.SAME),
        (("AYŞE ÖRNEK", ""), ("AYŞE", "ÖRNEK"), NameMatch.SAME),
        (("İBRAHİM IŞIK", "ILGAZ"), ("ibrahim ışık", "ılgaz"), NameMatch.SAME),
        (("MEHMET ALİ", "DEMİR"), ("Ali Mehmet", "Demir"), NameMatch.SAME),
        (("AYÞE", "ÝNCÝ"), ("AYŞE", "İNCİ"), NameMatch.SAME),
        (("AYŞE", "KAYA-ÖRNEK"), ("AYŞE", "KAYA ÖRNEK"), NameMatch.SAME),
        ((unicodedata.normalize("NFD", "GÜLŞEN"), "ÇİÇEK"), ("GÜLŞEN", "ÇİÇEK"), NameMatch.SAME),
        (("AYSE", "ORNEK"), ("AYŞE", "ÖRNEK"), NameMatch.FOLDED),
        (("IREM", "INCI"), ("İREM", "İNCİ"), NameMatch.FOLDED),
        (("KÂMİL", "KAYA"), ("KAMİL", "KAYA"), NameMatch.FOLDED),
        (("AYŞE", "ÖRNEK"), ("AYŞE", "ÖRNEK KAYA"), NameMatch.DIFFERENT),
        (("MEHMET ALİ", "DEMİR"), ("MEHMET", "DEMİR"), NameMatch.DIFFERENT),
        (("ALİ ALİ", "DEMİR"), ("ALİ", "DEMİR"), NameMatch.DIFFERENT),
        (("AYŞE", "ÖRNEK"), ("FATMA", "ÖRNEK"), NameMatch.DIFFERENT),
        (("AYŞE", "DEMİR"), ("AYŞE", "DEMİREL"), NameMatch.DIFFERENT),
        (("A.", "ÖRNEK"), ("AYŞE", "ÖRNEK"), NameMatch.DIFFERENT),
        (("", ""), ("", ""), NameMatch.DIFFERENT),
        (("***", "***"), ("***", "***"), NameMatch.DIFFERENT),
    ],
)
def test_names_of_people(a: tuple[str, str], b: tuple[str, str], match: NameMatch) -> None:
    assert compare_names(*a, *b) is match
    assert compare_names(*b, *a) is match
    assert match.agrees == (match is not NameMatch.DIFFERENT)
