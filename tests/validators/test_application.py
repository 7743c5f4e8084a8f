import json
from datetime import date
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.validators.declared import BAD, BAD_BEYOND_SCHEMA, GOOD, REMOVED, SAMPLE, parse, sample
from validators.application import (
    MAX_BYTES,
    ApplicationInvalid,
    ProblemKind,
    Procedure,
    application_schema,
    parse_application,
)


def shown(changes: dict[str, Any]) -> str:
    return ",".join(changes) or "sample"


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft202012Validator:
    jsonschema.Draft202012Validator.check_schema(application_schema())
    return jsonschema.Draft202012Validator(application_schema())


@pytest.mark.parametrize("changes", GOOD, ids=shown)
def test_model_and_schema_accept(changes: dict[str, Any], schema: jsonschema.Draft202012Validator) -> None:
    data = sample(changes)
    assert parse(data).application_id == "TS-2026-000123"
    schema.validate(data)


@pytest.mark.parametrize(("changes", "place", "kind"), BAD)
def test_model_and_schema_refuse(
    changes: dict[str, Any], place: str, kind: ProblemKind, schema: jsonschema.Draft202012Validator
) -> None:
    data = sample(changes)
    with pytest.raises(ApplicationInvalid) as refusal:
        parse(data)
    assert [(problem.place, problem.kind) for problem in refusal.value.problems] == [(place, kind)]
    assert not schema.is_valid(data)


@pytest.mark.parametrize(("changes", "place", "kind"), BAD_BEYOND_SCHEMA)
def test_model_refuses_what_a_schema_cannot_state(
    changes: dict[str, Any], place: str, kind: ProblemKind
) -> None:
    with pytest.raises(ApplicationInvalid) as refusal:
        parse(sample(changes))
    assert [(problem.place, problem.kind) for problem in refusal.value.problems] == [(place, kind)]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"submitted_at": 1795000000}, "Input should be a string"),
        ({"submitted_at": "2026-11-20"}, "Input should be an ISO 8601 date and time with offset"),
        ({"submitted_at": "2026-02-30T10:00:00Z"}, "The calendar has no such day"),
        ({"people": []}, "There should be at least one person"),
        ({"people": SAMPLE["people"] * 2}, "The person is named twice"),
        ({"evidence": ["a.zip", "a.zip"]}, "The file is named twice"),
        ({"evidence": ["ş" * 130 + ".zip"]}, "A file name has at most 255 bytes"),
        ({"evidence": REMOVED}, "This procedure needs the field"),
        ({"reason": "ayrıldı"}, "This procedure does not have the field"),
    ],
)
def test_what_pydantic_does_not_say_is_said_in_plain_words(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ApplicationInvalid) as refusal:
        parse(sample(changes))
    assert [problem.message for problem in refusal.value.problems] == [reason]


@pytest.mark.parametrize(("letters", "fits"), [(251, True), (252, False)])
def test_a_file_name_has_up_to_255_bytes(letters: int, fits: bool) -> None:
    changes = {"evidence": ["a" * letters + ".zip"]}
    if fits:
        assert parse(sample(changes)).evidence == tuple(changes["evidence"])
    else:
        with pytest.raises(ApplicationInvalid):
            parse(sample(changes))


def test_people_and_files_named_twice_are_told_each_at_its_place() -> None:
    with pytest.raises(ApplicationInvalid) as refusal:
        parse(sample({"people": SAMPLE["people"] * 3, "evidence": ["a.zip", "b.zip", "b.zip"]}))
    places = [problem.place for problem in refusal.value.problems]
    assert places == ["people.1.national_id", "people.2.national_id", "evidence.2"]


def test_the_schema_says_which_draft_it_is() -> None:
    assert application_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(ApplicationInvalid) as refusal:
        parse(sample({"people.0.national_id": "1", "provider.tax_number": "2", "colour": "red"}))
    places = {problem.place for problem in refusal.value.problems}
    assert places == {"people.0.national_id", "provider.tax_number", "colour"}
    assert "colour" in str(refusal.value)


def test_problems_repeat_no_value_and_mask_numbers_in_field_names() -> None:
    with pytest.raises(ApplicationInvalid) as refusal:
        parse(sample({"people.0.national_id": "1000000014x", "10000000146": 1, "a\nb": 1, "başvuru": 1}))
    told = str(refusal.value)
    assert "1000000014" not in told
    assert "10*********" in told
    assert "\n" not in told
    assert "başvuru" in told


def test_representation_holds_no_personal_data() -> None:
    shown = repr(parse(sample({"provider.tax_number": "10000000146"})))
    assert "100000" not in shown
    assert "AYŞE" not in shown


def test_numbers_with_separators() -> None:
    text = "2 3313.01.01 1043377 001 09-24 000"
    application = parse(
        sample({"provider.mersis_number": "0-7330-4313-3900028", "provider.workplace_numbers": [text]})
    )
    assert application.provider is not None
    assert application.provider.mersis_number == "0733043133900028"
    assert application.provider.workplace_numbers == (text,)


def test_names_lose_spaces_around_them() -> None:
    assert parse(sample({"people.0.given_name": "  Ayşe Nur "})).people[0].given_name == "Ayşe Nur"


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-20T14:05:00+03:00", date(2026, 11, 20)),
        ("2026-11-20T20:59:59Z", date(2026, 11, 20)),
        ("2026-11-20T21:00:00Z", date(2026, 11, 21)),
        ("2026-12-31T23:30:00+00:00", date(2027, 1, 1)),
        ("2026-11-20T00:10:00+05:00", date(2026, 11, 19)),
        ("2015-07-01T21:30:00Z", date(2015, 7, 2)),
        ("2015-12-31T21:30:00Z", date(2015, 12, 31)),
    ],
)
def test_days_are_those_of_istanbul(moment: str, day: date) -> None:
    application = parse(sample({"submitted_at": moment, "uploaded_at": moment}))
    assert application.reference_day == day
    assert application.upload_day == day


def test_upload_day_is_optional() -> None:
    assert parse(sample({"uploaded_at": REMOVED})).upload_day is None


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"", ProblemKind.NOT_JSON),
        (b"PK\x03\x04", ProblemKind.NOT_JSON),
        (b"\xff\xfe{\x00}\x00", ProblemKind.NOT_JSON),
        (b"{} {}", ProblemKind.NOT_JSON),
        (b"{'a': 1}", ProblemKind.NOT_JSON),
        (b'{"application_id": NaN}', ProblemKind.NOT_JSON),
        (b'{"application_id": -Infinity}', ProblemKind.NOT_JSON),
        (b'{"application_id": "\\ud800"}', ProblemKind.NOT_JSON),
        (b'{"application_id": ' + b"1" * 5000 + b"}", ProblemKind.NOT_JSON),
        (b"[" * 100_000, ProblemKind.NOT_JSON),
        (b'{"a":' * 100_000, ProblemKind.NOT_JSON),
        (b"[" * 500 + b"]" * 500, ProblemKind.NOT_JSON),
        (b"[]", ProblemKind.WRONG_TYPE),
        (b"null", ProblemKind.WRONG_TYPE),
        (b'"text"', ProblemKind.WRONG_TYPE),
        (b'{"application_id": "A", "application_id": "B"}', ProblemKind.DUPLICATE),
        (b'{"provider": {"title": "A", "title": "B"}}', ProblemKind.DUPLICATE),
        (b" " * (MAX_BYTES + 1), ProblemKind.TOO_LARGE),
    ],
    ids=lambda value: str(value)[:30],
)
def test_bytes_that_are_no_application(raw: bytes, kind: ProblemKind) -> None:
    with pytest.raises(ApplicationInvalid) as refusal:
        parse_application(raw)
    assert refusal.value.problems[0].kind is kind


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"PK\x03\x04", ("application.json", "not JSON")),
        (b"\xff\xfe{\x00}\x00", ("application.json", "not UTF-8")),
        (b'{"application_id": NaN}', ("application.json", "NaN is not JSON")),
        (b"[" * 100_000, ("application.json", "nested too deeply")),
        (b'{"provider": {"title": "A", "title": "B"}}', ("title", "the key is written twice")),
        (b" " * (MAX_BYTES + 1), ("application.json", "more than 1048576 bytes")),
    ],
    ids=lambda value: str(value)[:30],
)
def test_bytes_that_are_no_application_are_told_by_place_and_reason(
    raw: bytes, told: tuple[str, str]
) -> None:
    with pytest.raises(ApplicationInvalid) as refusal:
        parse_application(raw)
    assert [problem[:2] for problem in refusal.value.problems] == [told]
    assert str(refusal.value) == ": ".join(told)


def test_the_largest_application_is_read() -> None:
    written = json.dumps(SAMPLE).encode()
    assert parse_application(written.ljust(MAX_BYTES)) == parse(SAMPLE)


def test_byte_order_mark_is_tolerated() -> None:
    assert parse_application(b"\xef\xbb\xbf" + json.dumps(SAMPLE).encode()) == parse(SAMPLE)


@pytest.mark.parametrize("changes", GOOD, ids=shown)
def test_what_is_written_back_is_read_alike(changes: dict[str, Any]) -> None:
    application = parse(sample(changes))
    assert parse_application(application.model_dump_json().encode()) == application


def test_unescaped_turkish_letters() -> None:
    application = parse_application(json.dumps(SAMPLE, ensure_ascii=False).encode())
    assert application.people[0].given_name == "AYŞE"


def test_application_cannot_be_changed() -> None:
    application = parse(SAMPLE)
    with pytest.raises(ValueError, match="frozen"):
        application.procedure = Procedure.PERSONNEL_UPDATE  # type: ignore[misc]  # what is tested


def test_every_field_of_the_schema_is_described() -> None:
    described = application_schema()
    parts = [described, described["$defs"]["Provider"], described["$defs"]["Person"]]
    for part in parts:
        for name, field in part["properties"].items():
            assert field.get("description"), name
        assert part["additionalProperties"] is False


@given(st.binary(max_size=200))
@settings(max_examples=100)
def test_any_bytes_give_an_application_or_a_refusal(raw: bytes) -> None:
    with pytest.raises(ApplicationInvalid):
        parse_application(raw)


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


def places_of_faults(data: object) -> set[str]:
    try:
        parse(data)
    except ApplicationInvalid as refusal:
        return {problem.place.split(".")[0] for problem in refusal.problems}
    return set()


@given(st.sampled_from(sorted(SAMPLE)), JSON_VALUES)
@settings(max_examples=200, deadline=None)
def test_a_spoilt_field_gives_an_application_or_a_fault_at_that_field(field: str, value: object) -> None:
    assert places_of_faults(sample({field: value})) <= {field}
