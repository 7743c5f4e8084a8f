"""Declarations (application.json) that are good, and that are not: the contract's sample with changes by place."""

import copy
import json
from typing import Any

from validators.application import Application, ProblemKind, parse_application

SAMPLE: dict[str, Any] = {
    "application_id": "TS-2026-000123",
    "procedure": "provider_registration",
    "submitted_at": "2026-11-20T14:05:00+03:00",
    "uploaded_at": "2026-11-20T13:40:00+03:00",
    "provider": {
        "title": "ÖRNEK BİYOMEDİKAL TEKNİK SERVİS SANAYİ VE TİCARET LİMİTED ŞİRKETİ",
        "tax_number": "1234567890",
        "mersis_number": "0123456789000014",
        "workplace_numbers": ["23313010110433770010924000"],
        "officials": ["10000000146"],
    },
    "people": [{"national_id": "10000000078", "given_name": "AYŞE", "family_name": "ÖRNEK"}],
    "evidence": ["evidence.zip"],
}
REMOVED = object()


def sample(changes: dict[str, Any]) -> dict[str, Any]:
    """The contract's sample with changes by dotted place; REMOVED takes a field away."""
    data = copy.deepcopy(SAMPLE)
    for place, value in changes.items():
        *path, last = place.split(".")
        target: Any = data
        for step in path:
            target = target[int(step)] if isinstance(target, list) else target[step]
        if isinstance(target, list):
            target[int(last) :] = [value]
        elif value is REMOVED:
            target.pop(last, None)
        else:
            target[last] = value
    return data


def parse(data: object) -> Application:
    return parse_application(json.dumps(data).encode())


REMOVAL = {"procedure": "personnel_removal", "reason": "İşten ayrıldı", "evidence": REMOVED}
DELETION = {
    "procedure": "record_deletion",
    "petition": "dilekçe.pdf",
    "provider": REMOVED,
    "evidence": REMOVED,
}

GOOD: list[dict[str, Any]] = [
    {},
    {"uploaded_at": REMOVED},
    {"uploaded_at": None},
    {"submitted_at": "2026-11-20T11:05:00Z"},
    {"submitted_at": "2026-11-20T11:05:00.123456789+00:00"},
    {"submitted_at": "2026-11-20T14:05+0300"},
    {"submitted_at": "2024-02-29T23:59:59-11:30"},
    {"provider.tax_number": "10000000146"},
    {"provider.mersis_number": "0-7330-4313-3900028"},
    {"provider.mersis_number": "0631 0761 8350 0022"},
    {"provider.mersis_number": REMOVED},
    {"provider.mersis_number": None},
    {"provider.workplace_numbers": REMOVED},
    {"provider.workplace_numbers": []},
    {"provider.workplace_numbers": ["233130101104337700109"]},
    {"provider.workplace_numbers": ["23313010110433770010924"]},
    {"provider.workplace_numbers": ["2 3313.01.01 1043377 001 09-24 000"]},
    {"provider.workplace_numbers": ["4 4100 01 1070267 060 04 67 000"]},
    {"provider.officials": REMOVED},
    {"people.0.national_id": "12345678901"},
    {"people.0.given_name": "  Ayşe Nur "},
    {"people.1": {"national_id": "10000000146", "given_name": "ALİ", "family_name": "ÖRNEK"}},
    {"evidence": ["AYŞE ÖRNEK (1).zip", "10000000146_iseGiris.zip", "-x .zip"]},
    {"procedure": "personnel_registration", "provider": REMOVED, "evidence": REMOVED},
    {"procedure": "personnel_registration", "evidence": []},
    {"procedure": "personnel_update", "provider": None, "evidence": ["sertifikalar.zip"]},
    {"procedure": "personnel_addition"},
    {**REMOVAL},
    {**REMOVAL, "evidence": []},
    {**REMOVAL, "reason": "Birinci satır\nikinci satır"},
    {**DELETION},
    {**DELETION, "reason": None},
]

BAD: list[tuple[dict[str, Any], str, ProblemKind]] = [
    ({"application_id": REMOVED}, "application_id", ProblemKind.MISSING),
    ({"application_id": ""}, "application_id", ProblemKind.WRONG_FORM),
    ({"application_id": ".TS-1"}, "application_id", ProblemKind.WRONG_FORM),
    ({"application_id": "../TS-1"}, "application_id", ProblemKind.WRONG_FORM),
    ({"application_id": 7}, "application_id", ProblemKind.WRONG_TYPE),
    ({"procedure": REMOVED}, "procedure", ProblemKind.MISSING),
    ({"procedure": "registration"}, "procedure", ProblemKind.WRONG_FORM),
    ({"submitted_at": REMOVED}, "submitted_at", ProblemKind.MISSING),
    ({"submitted_at": None}, "submitted_at", ProblemKind.WRONG_TYPE),
    ({"submitted_at": 1795000000}, "submitted_at", ProblemKind.WRONG_TYPE),
    ({"submitted_at": "1795000000"}, "submitted_at", ProblemKind.WRONG_FORM),
    ({"submitted_at": "2026-11-20"}, "submitted_at", ProblemKind.WRONG_FORM),
    ({"submitted_at": "2026-11-20T14:05:00"}, "submitted_at", ProblemKind.WRONG_FORM),
    ({"submitted_at": "20.11.2026 14:05"}, "submitted_at", ProblemKind.WRONG_FORM),
    ({"submitted_at": "2026-13-01T14:05:00+03:00"}, "submitted_at", ProblemKind.WRONG_FORM),
    ({"submitted_at": "9999-12-31T23:59:59-03:00"}, "submitted_at", ProblemKind.WRONG_FORM),
    ({"submitted_at": "2026-11-20T14:05:00+03:00 "}, "submitted_at", ProblemKind.WRONG_FORM),
    ({"submitted_at": "٢٠٢٦-11-20T14:05:00+03:00"}, "submitted_at", ProblemKind.WRONG_FORM),
    ({"uploaded_at": "gestern"}, "uploaded_at", ProblemKind.WRONG_FORM),
    ({"provider": REMOVED}, "provider", ProblemKind.MISSING),
    ({"provider": None}, "provider", ProblemKind.MISSING),
    ({"provider": []}, "provider", ProblemKind.WRONG_TYPE),
    ({"provider.title": REMOVED}, "provider.title", ProblemKind.MISSING),
    ({"provider.title": "   "}, "provider.title", ProblemKind.WRONG_FORM),
    ({"provider.title": "A\u0000B"}, "provider.title", ProblemKind.WRONG_FORM),
    ({"provider.title": "A" * 501}, "provider.title", ProblemKind.TOO_LONG),
    ({"provider.tax_number": 1234567890}, "provider.tax_number", ProblemKind.WRONG_TYPE),
    ({"provider.tax_number": "123456789"}, "provider.tax_number", ProblemKind.WRONG_FORM),
    ({"provider.tax_number": "123 456 7890"}, "provider.tax_number", ProblemKind.WRONG_FORM),
    ({"provider.tax_number": "١٢٣٤٥٦٧٨٩٠"}, "provider.tax_number", ProblemKind.WRONG_FORM),
    ({"provider.mersis_number": "012345678900001"}, "provider.mersis_number", ProblemKind.WRONG_FORM),
    ({"provider.mersis_number": 123456789000014}, "provider.mersis_number", ProblemKind.WRONG_TYPE),
    ({"provider.workplace_numbers": None}, "provider.workplace_numbers", ProblemKind.WRONG_TYPE),
    ({"provider.workplace_numbers": "2"}, "provider.workplace_numbers", ProblemKind.WRONG_TYPE),
    ({"provider.workplace_numbers": ["2" * 22]}, "provider.workplace_numbers.0", ProblemKind.WRONG_FORM),
    ({"provider.workplace_numbers": ["2" * 25]}, "provider.workplace_numbers.0", ProblemKind.WRONG_FORM),
    ({"provider.workplace_numbers": ["1043377"]}, "provider.workplace_numbers.0", ProblemKind.WRONG_FORM),
    ({"provider.workplace_numbers": ["2/" * 26]}, "provider.workplace_numbers.0", ProblemKind.WRONG_FORM),
    ({"provider.officials": ["1000000014"]}, "provider.officials.0", ProblemKind.WRONG_FORM),
    ({"provider.phone": "1"}, "provider.phone", ProblemKind.UNKNOWN_FIELD),
    ({"people": REMOVED}, "people", ProblemKind.MISSING),
    ({"people": []}, "people", ProblemKind.TOO_SHORT),
    ({"people": {}}, "people", ProblemKind.WRONG_TYPE),
    ({"people.0": "10000000078"}, "people.0", ProblemKind.WRONG_TYPE),
    ({"people.0.national_id": 10000000078}, "people.0.national_id", ProblemKind.WRONG_TYPE),
    ({"people.0.national_id": "1000000007"}, "people.0.national_id", ProblemKind.WRONG_FORM),
    ({"people.0.national_id": "100 000 000 78"}, "people.0.national_id", ProblemKind.WRONG_FORM),
    ({"people.0.given_name": REMOVED}, "people.0.given_name", ProblemKind.MISSING),
    ({"people.0.family_name": ""}, "people.0.family_name", ProblemKind.WRONG_FORM),
    ({"people.0.birth_date": "1990-01-01"}, "people.0.birth_date", ProblemKind.UNKNOWN_FIELD),
    ({"evidence": REMOVED}, "evidence", ProblemKind.MISSING),
    ({"evidence": []}, "evidence", ProblemKind.MISSING),
    ({"evidence": "evidence.zip"}, "evidence", ProblemKind.WRONG_TYPE),
    ({"evidence": [""]}, "evidence.0", ProblemKind.WRONG_FORM),
    ({"evidence": [".."]}, "evidence.0", ProblemKind.WRONG_FORM),
    ({"evidence": [".part.zip"]}, "evidence.0", ProblemKind.WRONG_FORM),
    ({"evidence": ["../other/evidence.zip"]}, "evidence.0", ProblemKind.WRONG_FORM),
    ({"evidence": ["a\\b.zip"]}, "evidence.0", ProblemKind.WRONG_FORM),
    ({"evidence": ["a\u0000.zip"]}, "evidence.0", ProblemKind.WRONG_FORM),
    ({"evidence": ["a.zip", "b.zip", "a.zip"]}, "evidence.2", ProblemKind.DUPLICATE),
    ({"procedure": "personnel_addition", "evidence": []}, "evidence", ProblemKind.MISSING),
    ({"procedure": "personnel_addition", "provider": REMOVED}, "provider", ProblemKind.MISSING),
    ({"reason": "ayrıldı"}, "reason", ProblemKind.NOT_ALLOWED),
    ({"petition": "dilekçe.pdf"}, "petition", ProblemKind.NOT_ALLOWED),
    ({**REMOVAL, "reason": REMOVED}, "reason", ProblemKind.MISSING),
    ({**REMOVAL, "reason": " \n"}, "reason", ProblemKind.WRONG_FORM),
    ({**REMOVAL, "evidence": ["evidence.zip"]}, "evidence", ProblemKind.NOT_ALLOWED),
    ({**REMOVAL, "provider": REMOVED}, "provider", ProblemKind.MISSING),
    ({**DELETION, "petition": REMOVED}, "petition", ProblemKind.MISSING),
    ({**DELETION, "petition": True}, "petition", ProblemKind.WRONG_TYPE),
    ({**DELETION, "petition": "x/dilekçe.pdf"}, "petition", ProblemKind.WRONG_FORM),
    ({**DELETION, "reason": "sehven"}, "reason", ProblemKind.NOT_ALLOWED),
    ({"kurum": "x"}, "kurum", ProblemKind.UNKNOWN_FIELD),
]

# Faults that JSON Schema cannot state, or states only for validators that check formats.
BAD_BEYOND_SCHEMA: list[tuple[dict[str, Any], str, ProblemKind]] = [
    ({"submitted_at": "2026-02-30T10:00:00Z"}, "submitted_at", ProblemKind.WRONG_FORM),
    ({"submitted_at": "2025-02-29T10:00:00Z"}, "submitted_at", ProblemKind.WRONG_FORM),
    ({"people": SAMPLE["people"] * 2}, "people.1.national_id", ProblemKind.DUPLICATE),
    ({"evidence": ["ş" * 130 + ".zip"]}, "evidence.0", ProblemKind.TOO_LONG),
]
