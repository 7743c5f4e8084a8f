"""Invented people, companies and numbers: valid by their check digits, obviously not real by their names.

Everything is a function of a `random.Random`, so that a seed gives the same person everywhere.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from stdnum.tr import tckimlik, vkn

GIVEN_NAMES = {
    "K": ("AYŞE", "IŞIL", "GÜLŞEN", "FATMA NUR", "ÇİĞDEM", "ÖZGE", "İREM", "ŞÜKRAN", "NAĞME", "BEGÜM"),
    "E": ("MEHMET", "ÇAĞRI", "İBRAHİM", "ŞÜKRÜ", "DOĞAN", "IŞIK", "ALİ CAN", "ÜMİT", "YİĞİT", "ÖMER"),
}
FAMILY_NAMES = (
    "ÖRNEK",
    "ÖRNEKOĞLU",
    "DENEMECİ",
    "SINAMACI",
    "KURGUSAL",
    "NUMUNE",
    "TASLAKÇI",
    "UYDURAN",
    "HAYALÎOĞLU",
    "YAPAYÇI",
    "MİSALOĞLU",
    "ÖRNEKGİL",
)
PROVINCES = {
    1: "ADANA",
    6: "ANKARA",
    16: "BURSA",
    27: "GAZİANTEP",
    34: "İSTANBUL",
    35: "İZMİR",
    42: "KONYA",
    55: "SAMSUN",
}
_MARKS = ("ÖRNEK", "DENEME", "KURGU", "NUMUNE", "TASLAK", "MİSAL")
_BRANDS = ("IŞIK", "ÇINAR", "DENİZ", "GÜNEŞ", "KARDELEN", "YILDIZ", "ÖZGÜN", "DOĞA", "ŞAFAK", "UFUK", "ÇAĞ")
_TRADES = (
    "BİYOMEDİKAL",
    "MEDİKAL TEKNİK SERVİS",
    "TIBBİ CİHAZ SERVİSİ",
    "BİYOMEDİKAL MÜHENDİSLİK HİZMETLERİ",
    "MEDİKAL",
    "SAĞLIK TEKNOLOJİLERİ BAKIM ONARIM",
)
_FORMS = ("LİMİTED ŞİRKETİ", "ANONİM ŞİRKETİ")
_STREETS = ("DENEME", "ÖRNEK", "ÇAMLIK", "IHLAMUR", "GÜL", "ŞEHİT ÖĞRETMEN")

GROUP_WIDTHS = {
    "nature": 1,
    "sector": 4,
    "new_unit": 2,
    "old_unit": 2,
    "sequence": 7,
    "province": 3,
    "district": 2,
    "control": 2,
    "subcontractor": 3,
}
"""The groups of an SGK workplace number (SSİY m.28) and their digits, in order: 26 in all."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist. `registration` is the 13-digit SGK number of the person."""

    national_id: str
    given_name: str
    family_name: str
    father: str
    mother: str
    birthplace: str
    birth_date: date
    sex: str
    registration: str

    @property
    def full_name(self) -> str:
        """Given and family name as one text."""
        return f"{self.given_name} {self.family_name}"


@dataclass(frozen=True, slots=True)
class Company:
    """A company that does not exist. `workplace_number` has all 26 digits."""

    title: str
    tax_number: str
    mersis_number: str
    workplace_number: str
    address: str

    @property
    def groups(self) -> dict[str, str]:
        """The workplace number by group, leading zeros kept."""
        return split_workplace_number(self.workplace_number)

    @property
    def workplace(self) -> str:
        """İşyeri No as a service statement prints it: the 7-digit sequence within the province."""
        return self.groups["sequence"]

    @property
    def unit(self) -> str:
        """Ünite as a service statement prints it: plate code and unit, four digits."""
        return f"{int(self.groups['province']):02d}{self.groups['new_unit']}"


def split_workplace_number(number: str) -> dict[str, str]:
    """Cut 26 digits into the groups of `GROUP_WIDTHS`."""
    groups, start = {}, 0
    for name, width in GROUP_WIDTHS.items():
        groups[name] = number[start : start + width]
        start += width
    return groups


def national_id(rng: Random, *, foreign: bool = False) -> str:
    """A T.C. kimlik numarası that passes its check digits; `foreign` ones start with 99."""
    nine = f"99{rng.randrange(10**7):07d}" if foreign else str(rng.randrange(10**8, 9 * 10**8))
    return nine + tckimlik.calc_check_digits(nine)


def broken_national_id(rng: Random) -> str:
    """Eleven digits whose last check digit is wrong."""
    good = national_id(rng)
    return good[:-1] + str((int(good[-1]) + 2) % 10)


def tax_number(rng: Random) -> str:
    """A vergi kimlik numarası (10 digits) that passes its check digit."""
    nine = str(rng.randrange(10**8, 10**9))
    return nine + vkn.calc_check_digit(nine)


def mersis_number(tax: str, suffix: int = 16) -> str:
    """The MERSİS number of the company with that VKN: `0`, the VKN, five digits."""
    return f"0{tax}{suffix:05d}"


def workplace_number(
    rng: Random, *, province: int = 6, sequence: int | None = None, subcontractor: int = 0, nature: int = 2
) -> str:
    """A 26-digit SGK workplace number; its control digits are those of province and sequence modulo 97."""
    order = rng.randrange(1_000_000, 2_000_000) if sequence is None else sequence
    sector = rng.choice((3313, 3312, 4652, 9521))
    control = int(f"{province:03d}{order:07d}") % 97 or 97
    district = rng.randrange(1, 40)
    return f"{nature}{sector:04d}0101{order:07d}{province:03d}{district:02d}{control:02d}{subcontractor:03d}"


def barcode(rng: Random, family: str = "hd") -> str:
    """A document barcode: `hd` and 18 lower-case hex digits, or another family's shape.

    Families: `hd`, `SGK`, `NV02` (dashed as printed), `YOKOG`, `MSB`.
    """
    upper = "0123456789ABCDEFGHJKLMNPRSTUVYZ"
    shapes = {
        "hd": ("0123456789abcdef", 18),
        "SGK": (upper, 16),
        "YOKOG": (upper, 13),
        "MSB": ("0123456789", 15),
    }
    if family == "NV02":
        return "NV02-" + "-".join("".join(rng.choices(upper, k=4)) for _ in range(3))
    letters, count = shapes[family]
    return family + "".join(rng.choices(letters, k=count))


def person(rng: Random) -> Person:
    """An invented adult."""
    sex = rng.choice("KE")
    return Person(
        national_id=national_id(rng),
        given_name=rng.choice(GIVEN_NAMES[sex]),
        family_name=rng.choice(FAMILY_NAMES),
        father=rng.choice(GIVEN_NAMES["E"]),
        mother=rng.choice(GIVEN_NAMES["K"]),
        birthplace=rng.choice(tuple(PROVINCES.values())),
        birth_date=date(1965, 1, 1) + timedelta(days=rng.randrange(13_000)),
        sex="KADIN" if sex == "K" else "ERKEK",
        registration=f"{rng.randrange(1, 82):02d}{rng.randrange(10**11):011d}",
    )


def people(rng: Random, count: int) -> tuple[Person, ...]:
    """`count` invented people with different T.C. numbers."""
    found: dict[str, Person] = {}
    while len(found) < count:
        somebody = person(rng)
        found[somebody.national_id] = somebody
    return tuple(found.values())


def title(rng: Random) -> str:
    """A company title in full and in capitals, as the trade registry keeps it; often over 60 letters."""
    middle = rng.choice(("SANAYİ VE TİCARET ", "İTHALAT İHRACAT SANAYİ VE TİCARET ", "TİCARET "))
    return f"{rng.choice(_MARKS)} {rng.choice(_BRANDS)} {rng.choice(_TRADES)} {middle}{rng.choice(_FORMS)}"


def company(rng: Random, *, leading_zeros: bool = False, subcontractor: int = 0) -> Company:
    """An invented company; `leading_zeros` gives a workplace sequence that starts with zeros."""
    province = rng.choice(tuple(PROVINCES))
    tax = tax_number(rng)
    sequence = rng.randrange(1_000, 99_999) if leading_zeros else None
    return Company(
        title=title(rng),
        tax_number=tax,
        mersis_number=mersis_number(tax),
        workplace_number=workplace_number(
            rng, province=province, sequence=sequence, subcontractor=subcontractor
        ),
        address=address(rng, province),
    )


def address(rng: Random, province: int) -> str:
    """An address on a street that does not exist, province last."""
    street = rng.choice(_STREETS)
    return f"{street} MAH. {rng.choice(_STREETS)} CAD. NO:{rng.randrange(1, 200)} {PROVINCES[province]}"
