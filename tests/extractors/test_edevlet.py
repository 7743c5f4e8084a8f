"""The grammar of e-Devlet's QR codes and barcode numbers."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.tr import tckimlik

from extractors.edevlet import Payload, looks_like_barcode, normalise_barcode, parse_payload, same_barcode

BARCODE = "hd0123456789abcdef01"
PERSON = "10000000146"


@pytest.mark.parametrize(
    "text",
    [
        f"barkodlubelgedogrulama://barkod: {BARCODE};tckn:{PERSON}",
        f"barkodlubelgedogrulama://barkod:{BARCODE};tckn:{PERSON}",
        f"barkod:{BARCODE};tckn:{PERSON};",
        f"barkod:{BARCODE};tckn:{PERSON}",
        f"barkod:{BARCODE};tckn:{PERSON};https://www.turkiye.gov.tr/belge-dogrulama",
        f"barkod:{BARCODE};tckn:{PERSON};https://turkiye.gov.tr/belge.pdf;",
        f"barkod:{BARCODE};tckn:{PERSON};sürüm 1.2",
        f"BARKOD:{BARCODE};TCKN:{PERSON};",
        f"BarkodluBelgeDogrulama://Barkod : {BARCODE} ; Tckn : {PERSON} ;",
        f"\ufeffbarkod:{BARCODE};tckn:{PERSON};\r\n",
        f"barkod:\u00a0{BARCODE};\r\ntckn:\u00a0{PERSON};",
    ],
)
def test_every_keyed_form_is_read(text: str) -> None:
    assert parse_payload(text) == Payload(BARCODE, PERSON, "keyed")


@pytest.mark.parametrize(
    "text",
    [
        f"https://www.turkiye.gov.tr/belge-dogrulama?barkod={BARCODE}",
        f"www.turkiye.gov.tr/belge-dogrulama?barkodNo={BARCODE}&dil=tr",
        f"HTTPS://WWW.TURKIYE.GOV.TR/BELGE-DOGRULAMA?BARKOD={BARCODE}",
        f"http://turkiye.gov.tr?barkodno={BARCODE}",
    ],
)
def test_an_address_of_edevlet_that_names_the_barcode_is_read(text: str) -> None:
    assert parse_payload(text) == Payload(BARCODE, None, "address")


def test_a_bare_barcode_is_read_as_such() -> None:
    assert parse_payload(f" {BARCODE}\n") == Payload(BARCODE, None, "barcode_only")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hd01234",
        "a" * 51,
        "MEBKM:URL:http\\://en.wikipedia.org/wiki/Main_Page;;",
        "https://ornek.com.tr/fatura?id=12345678",
        f"barkod:{BARCODE}",
        f"barkod:{BARCODE};tckn:",
        f"barkod:{BARCODE};tckn:1000000014",
        f"barkod:{BARCODE};tckn:10000000145",
        f"barkod:{BARCODE};tckn:00000000000",
        f"barkod:{BARCODE};tckn:100000001460",
        f"barkod:{BARCODE};tckn:1000000014\u0666",
        f"barkod:{BARCODE};tckn:\u0661\u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0661\u0664\u0666",
        f"barkod:{BARCODE};tckn:{PERSON} https://www.turkiye.gov.tr",
        f"tckn:{PERSON};barkod:{BARCODE}",
        f"bar\u212aod:{BARCODE};tckn:{PERSON}",
        f"barkod:ab cd efgh;tckn:{PERSON}",
        f"x barkod:{BARCODE};tckn:{PERSON}",
        f"barkod:{BARCODE};tckn:{PERSON};barkod:{BARCODE[::-1]};tckn:10000000078",
    ],
)
def test_everything_else_is_foreign(text: str) -> None:
    assert parse_payload(text) is None


@pytest.mark.parametrize(
    "address",
    [
        "https://belge-dogrulama.com/",
        "https://www.turkiye.gov.tr.ornek.com/belge-dogrulama",
        "https://www.turkiye.gov.tr@ornek.com/",
        "https://ornek.com\\@www.turkiye.gov.tr/",
        "https://xturkiye.gov.tr/belge-dogrulama",
        "www.ornek.com",
        "ftp://www.turkiye.gov.tr/",
        "javascript://www.turkiye.gov.tr/",
        "https://[::1",
        "HTTPS:\\\\ornek.com",
        "https://www.turkiye.gov.tr https://ornek.com",
    ],
)
def test_an_address_of_somebody_else_makes_the_code_foreign(address: str) -> None:
    assert parse_payload(f"barkod:{BARCODE};tckn:{PERSON};{address}") is None
    assert parse_payload(f"{address}?barkod={BARCODE}") is None


@pytest.mark.parametrize("query", ["", "?barkod=", "?barkod=kısa", f"?belge={BARCODE}", f"#barkod={BARCODE}"])
def test_an_address_of_edevlet_without_a_barcode_is_foreign(query: str) -> None:
    assert parse_payload(f"https://www.turkiye.gov.tr/belge-dogrulama{query}") is None


barcodes = st.text(string.ascii_letters + string.digits + "-_", min_size=8, max_size=50)
people = st.integers(100_000_000, 999_999_999).map(
    lambda nine: f"{nine}{tckimlik.calc_check_digits(f'{nine}00')}"
)
spaces = st.sampled_from(["", " ", "\u00a0", "\r\n"])


@settings(max_examples=150)
@given(
    st.sampled_from(
        ["barkod", "BARKOD", "barkodlubelgedogrulama://barkod", "barkodlubelgedogrulama://Barkod"]
    ),
    barcodes,
    people,
    st.sampled_from(["", ";", ";https://www.turkiye.gov.tr/belge-dogrulama"]),
    st.tuples(spaces, spaces, spaces, spaces),
)
def test_whatever_the_forms_combine_to_is_read_back(
    key: str, barcode: str, person: str, tail: str, space: tuple[str, str, str, str]
) -> None:
    second = "TCKN" if key.isupper() else "tckn"
    text = f"{key}:{space[0]}{barcode}{space[1]};{space[2]}{second}:{space[3]}{person}{tail}"
    assert parse_payload(text) == Payload(barcode, person, "keyed")


@settings(max_examples=300)
@given(st.one_of(st.text(max_size=120), st.text("barkodtcn:;/ ?=0123456789.-_@\\[]", max_size=120)))
def test_any_text_is_read_or_foreign(text: str) -> None:
    payload = parse_payload(text)
    assert payload is None or (8 <= len(payload.barcode) <= 50 and payload.barcode in text)


@settings(max_examples=200)
@given(barcodes, people, st.text(max_size=40))
def test_nothing_in_the_tail_changes_what_the_code_says(barcode: str, person: str, tail: str) -> None:
    assert parse_payload(f"barkod:{barcode};tckn:{person};{tail}") in {
        None,
        Payload(barcode, person, "keyed"),
    }


def test_a_very_long_text_is_foreign() -> None:
    assert parse_payload(f"barkod:{BARCODE};tckn:{PERSON};" + " " * 2_000) is None


def test_case_dashes_and_spaces_do_not_tell_barcodes_apart() -> None:
    assert same_barcode("NV02-ABCD-EFGH-1234", "nv02abcd efgh\u00a01234")
    assert same_barcode("hdi0123456789abcdef", "HDI0123456789ABCDEF")
    assert same_barcode("NV02\u2013ABCD", "NV02-ABCD")
    assert not same_barcode("hd0123456789abcdef01", "hd0123456789abcdef02")
    assert not same_barcode("", "")
    assert not same_barcode("- -", "")


@given(barcodes)
def test_normalising_twice_changes_nothing(barcode: str) -> None:
    assert normalise_barcode(normalise_barcode(barcode)) == normalise_barcode(barcode)


@pytest.mark.parametrize(
    "text",
    [
        "hd0123456789abcdef01",
        "HD0123456789ABCDEF01",
        "hdz9k2m4p6q8r0t1v3",
        "SGK0123456789ABCD",
        "NV02-ABCD-EFGH-1234",
        "NV02ABCDEFGH1234",
        "YOKOGABCDEFGHIJKL1",
        "KYK0123456789",
        "ADB01234567890",
        "MSB010101101010110",
        "UDH0123456789012345",
    ],
)
def test_known_barcode_shapes_are_recognised(text: str) -> None:
    assert looks_like_barcode(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hd",
        "hdbelge",
        "hizmetdokumubelgesi",
        "10000000146",
        "7411.02",
        "SGK",
        "SGKBASKANLIGI",
        "NV02-ABCD",
        "ADBELGESI12",
        "23313010110433770010924000",
    ],
)
def test_other_texts_are_not(text: str) -> None:
    assert not looks_like_barcode(text)
