"""Other people's names and numbers in what is handed to one person."""

import pytest

from storage.subject.masking import OthersMask
from tests.storage.samples import AYSE, ISIL, application
from validators.application import Application
from validators.application import Person as Declared

BOTH = Application.model_validate(application("A-1", people=[AYSE, ISIL]))


@pytest.mark.parametrize(
    ("kept", "handed"),
    [
        (f"{AYSE.national_id} {AYSE.family_name}", f"{AYSE.national_id} {AYSE.family_name}"),
        (f"{ISIL.national_id}_{ISIL.family_name}_0.zip", "10*********_***_0.zip"),
        ("Işıl Denemeci ile Ayşe", "*** *** ile Ayşe"),
        ("ISIL", "***"),
        ("100 000 001 46 ve 10000000078", "10********* ve 10000000078"),
        ("DENEMECİLER DERNEĞİ", "DENEMECİLER DERNEĞİ"),
    ],
)
def test_others_are_masked_word_by_word_in_any_case(kept: str, handed: str) -> None:
    assert OthersMask.of(AYSE.national_id, BOTH).text(kept) == handed


def test_a_name_that_is_ones_own_as_well_stays() -> None:
    namesake = Declared(
        national_id=ISIL.national_id, given_name=AYSE.given_name, family_name=ISIL.family_name
    )
    both = Application.model_validate(application("A-1", people=[AYSE, namesake]))
    assert OthersMask.of(AYSE.national_id, both).text("AYŞE DENEMECİ") == "AYŞE ***"


def test_values_are_masked_at_any_depth() -> None:
    mask = OthersMask.of(AYSE.national_id, BOTH)
    assert mask.value({"a": [{"b": ("IŞIL", 3, None, True)}]}) == {"a": [{"b": ["***", 3, None, True]}]}
