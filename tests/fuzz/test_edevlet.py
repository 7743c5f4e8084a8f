"""The grammar of the QR payload, for any text."""

from hypothesis import given
from hypothesis import strategies as st
from stdnum.tr import tckimlik

from extractors.edevlet import looks_like_barcode, normalise_barcode, parse_payload, same_barcode
from tests.fuzz.profile import fuzzed

BARCODE = "hd0123456789abcdef01"
PERSON = "10000000146"
OTHER = "10000000078"
KEYED = f"barkodlubelgedogrulama://barkod:{BARCODE};tckn:{PERSON};https://www.turkiye.gov.tr/belge-dogrulama"
PIECES = (
    *(
        "barkodlubelgedogrulama://",
        "barkod",
        "BARKOD",
        "tckn",
        ":",
        ";",
        " ",
        "\ufeff",
        "\u00a0",
        "\r\n",
        "-",
        "/",
        "?",
    ),
    *(
        "https://",
        "www.turkiye.gov.tr",
        "turkiye.gov.tr",
        "turkiye.gov.tr.ornek.com",
        "@",
        "\\",
        "barkod=",
        "&",
        ".",
    ),
    *(BARCODE, PERSON, OTHER, "10000000145", "\u0661", "[", "]", "%00", "#", ";tckn:", ";barkod:"),
)

payloads = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=12).map("".join)


@fuzzed
@given(payloads | st.text(max_size=300))
def test_any_text_is_a_payload_that_stands_in_it_or_foreign(text: str) -> None:
    payload = parse_payload(text)
    if payload is None:
        return
    assert payload.barcode in text
    assert 8 <= len(payload.barcode) <= 50
    assert payload.barcode.isascii()
    assert (payload.national_id is not None) == (payload.form == "keyed")
    if payload.national_id is not None:
        assert payload.national_id in text
        assert tckimlik.is_valid(payload.national_id)


@fuzzed
@given(
    st.integers(0, len(KEYED)),
    st.integers(0, 20),
    st.text(st.characters(exclude_categories=["Nd"]), max_size=20),
)
def test_damage_without_new_digits_names_nobody_else(place: int, cut: int, put: str) -> None:
    payload = parse_payload(KEYED[:place] + put + KEYED[place + cut :])
    assert payload is None or payload.national_id in {None, PERSON}


@fuzzed
@given(payloads, payloads)
def test_two_payloads_in_one_code_are_foreign(first: str, second: str) -> None:
    one, two = parse_payload(first), parse_payload(second)
    if one and two and one.national_id and two.national_id:
        assert parse_payload(f"{first};{second}") is None


@fuzzed
@given(st.text(max_size=80), st.text(max_size=80))
def test_barcodes_of_any_text_are_compared(first: str, second: str) -> None:
    assert normalise_barcode(normalise_barcode(first)) == normalise_barcode(first)
    assert same_barcode(first, second) == same_barcode(second, first)
    assert looks_like_barcode(first) == looks_like_barcode(normalise_barcode(first))
