"""The applicant's declaration: `application.json` of the inbox (contract, section 1).

The model states the whole schema: what it accepts, `application_schema()` accepts, save for the few
conditions that JSON Schema cannot express (a day that the calendar lacks, a person named twice, a file
name of more than 255 bytes, a key written twice). A T.C. number that breaks its checksum is no fault of
the schema: the rules judge it.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, NamedTuple, NoReturn, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from validators.identity import redact

ISTANBUL = ZoneInfo("Europe/Istanbul")

MAX_BYTES = 1024 * 1024
"""Largest `application.json` in bytes; one of a thousand people has about 100 kB."""

_FILE = "application.json"
_MAX_FILE_NAME_BYTES = 255  # what common file systems hold; a longer name cannot be in the folder
_SEPARATOR = r"[ .\-\u2010-\u2014]"
_OBEYED = r"\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069"
"""Characters that terminals and readers obey instead of showing them: controls, and what turns letters around."""
# Years 2000-2099: far enough for every application, near enough that no time zone or month overflows.
_MOMENT = (
    r"^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]{1,9})?)?"
    r"(Z|[+\-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)$"
)


class Procedure(StrEnum):
    """The procedures of the guide that reach kanit as applications."""

    PERSONNEL_REGISTRATION = "personnel_registration"
    """Kılavuz m.4."""
    PERSONNEL_UPDATE = "personnel_update"
    """Kılavuz m.5."""
    PROVIDER_REGISTRATION = "provider_registration"
    """Kılavuz m.6."""
    PERSONNEL_ADDITION = "personnel_addition"
    """Kılavuz m.7(1)(a)-(f)."""
    PERSONNEL_REMOVAL = "personnel_removal"
    """Kılavuz m.7(1)(g)-(ı)."""
    RECORD_DELETION = "record_deletion"
    """Kılavuz m.4(3)."""


OWN_RECORD = frozenset({Procedure.PERSONNEL_REGISTRATION, Procedure.PERSONNEL_UPDATE})
"""Procedures by which people keep their own records (m.4, m.5): the upload holds certificates of any kind, and may be
missing (m.4(4)(c), m.5(2)(ç))."""
ADDS_PEOPLE = frozenset({Procedure.PROVIDER_REGISTRATION, Procedure.PERSONNEL_ADDITION})
"""Procedures that add people to a provider, whose uploads are evidence of their work there (m.6, m.7(1)(a)-(f))."""

_NEEDED: Mapping[Procedure, tuple[str, ...]] = {
    Procedure.PERSONNEL_REGISTRATION: (),
    Procedure.PERSONNEL_UPDATE: (),
    Procedure.PROVIDER_REGISTRATION: ("provider", "evidence"),
    Procedure.PERSONNEL_ADDITION: ("provider", "evidence"),
    Procedure.PERSONNEL_REMOVAL: ("provider", "reason"),
    Procedure.RECORD_DELETION: ("petition",),
}
_FOREIGN: Mapping[Procedure, tuple[str, ...]] = {
    Procedure.PERSONNEL_REGISTRATION: ("reason", "petition"),
    Procedure.PERSONNEL_UPDATE: ("reason", "petition"),
    Procedure.PROVIDER_REGISTRATION: ("reason", "petition"),
    Procedure.PERSONNEL_ADDITION: ("reason", "petition"),
    Procedure.PERSONNEL_REMOVAL: ("petition", "evidence"),
    Procedure.RECORD_DELETION: ("reason",),
}


class ProblemKind(StrEnum):
    """What is wrong with a place of `application.json`, for messages in any language."""

    MISSING = "missing"
    UNKNOWN_FIELD = "unknown_field"
    WRONG_TYPE = "wrong_type"
    WRONG_FORM = "wrong_form"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    DUPLICATE = "duplicate"
    NOT_ALLOWED = "not_allowed"
    NOT_JSON = "not_json"
    TOO_LARGE = "too_large"
    FILE_MISSING = "file_missing"
    """`application.json` or a file it names is not in the folder (told by whoever reads the folder)."""


class Problem(NamedTuple):
    """One fault: its place (`people.0.national_id`), a short English reason, and its kind.

    Neither place nor reason repeats a value of the application.
    """

    place: str
    message: str
    kind: ProblemKind


class ApplicationInvalid(ValueError):
    """`application.json` is missing, not JSON, or breaks the schema; `problems` says where and how."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{problem.place}: {problem.message}" for problem in self.problems))


def _moment(value: object) -> datetime:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value
    if not isinstance(value, str):
        kind, reason = ProblemKind.WRONG_TYPE, "Input should be a string"
    elif not re.fullmatch(_MOMENT, value):
        kind, reason = ProblemKind.WRONG_FORM, "Input should be an ISO 8601 date and time with offset"
    else:
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            kind, reason = ProblemKind.WRONG_FORM, "The calendar has no such day"
    raise PydanticCustomError(kind.value, reason)


def _digits(value: str) -> str:
    return re.sub(_SEPARATOR, "", value)


def _fits_file_system(value: str) -> str:
    if len(value.encode()) > _MAX_FILE_NAME_BYTES:
        raise PydanticCustomError(ProblemKind.TOO_LONG.value, "A file name has at most 255 bytes")
    return value


def _number(*lengths: int) -> str:
    """Pattern of a number of one of these lengths, digits with separators between them."""
    forms = "|".join(f"(?:{_SEPARATOR}*[0-9]){{{length - 1}}}" for length in lengths)
    return f"^[0-9](?:{forms})$"


Moment = Annotated[datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "pattern": _MOMENT})]
NationalId = Annotated[str, StringConstraints(pattern=r"^[0-9]{11}$")]
TaxNumber = Annotated[str, StringConstraints(pattern=r"^[0-9]{10,11}$")]
MersisNumber = Annotated[str, StringConstraints(pattern=_number(16), max_length=40), AfterValidator(_digits)]
WorkplaceText = Annotated[str, StringConstraints(pattern=_number(21, 23, 24, 26), max_length=80)]
Line = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        max_length=500,
        pattern=rf"^[^{_OBEYED}]*[^\s{_OBEYED}][^{_OBEYED}]*$",
    ),
]
FreeText = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        max_length=4000,
        pattern=rf"^(?:[\t\n\r]|[^{_OBEYED}])*[^\s{_OBEYED}](?:[\t\n\r]|[^{_OBEYED}])*$",
    ),
]
FileName = Annotated[
    str,
    StringConstraints(max_length=255, pattern=rf"^[^./\\{_OBEYED}][^/\\{_OBEYED}]*$"),
    AfterValidator(_fits_file_system),
]
ApplicationId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._\-]{0,99}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Provider(_Part):
    """The technical-service provider (teknik servis sağlayıcısı) of the application."""

    title: Line = Field(repr=False, description="Title (unvan) as registered; of a sole trader, the name.")
    tax_number: TaxNumber = Field(
        repr=False, description="VKN (10 digits) or, for a sole trader, T.C. kimlik no (11 digits)."
    )
    mersis_number: MersisNumber | None = Field(
        default=None, repr=False, description="MERSİS number, 16 digits; spaces, dots, dashes allowed."
    )
    workplace_numbers: tuple[WorkplaceText, ...] = Field(
        default=(),
        description="SGK workplace numbers of 21, 23, 24 or 26 digits; spaces, dots, dashes allowed.",
    )
    officials: tuple[NationalId, ...] = Field(
        default=(), repr=False, description="T.C. numbers of partners and authorised persons."
    )


class Person(_Part):
    """A declared person (personel). The checksum of the number is judged by the rules."""

    national_id: NationalId = Field(
        repr=False, description="T.C. kimlik no or foreigner's number, 11 digits."
    )
    given_name: Line = Field(repr=False, description="Given names.")
    family_name: Line = Field(repr=False, description="Family name.")


def _at_least_one(people: tuple[Person, ...]) -> tuple[Person, ...]:
    if not people:
        raise PydanticCustomError(ProblemKind.TOO_SHORT.value, "There should be at least one person")
    return people


class Application(_Part):
    """One application. Numbers are strings; an unknown field is refused.

    The MERSİS number is held as bare digits; workplace numbers as written, since their groups tell more
    than their digits (`identity.WorkplaceNumber.parse` reads them).
    """

    application_id: ApplicationId = Field(
        description="The application's id, which its folder in the inbox is named by: up to 100 ASCII letters,"
        " digits, dots, dashes and underscores, the first a letter or digit."
    )
    procedure: Procedure = Field(description="The procedure of the guide.")
    submitted_at: Moment = Field(
        description="The moment of e-signature, ISO 8601 with offset. Its calendar day in Europe/Istanbul"
        ' is the reference of "son bir ay". Years 2000 to 2099.'
    )
    uploaded_at: Moment | None = Field(
        default=None, description="The moment of upload, ISO 8601 with offset, where it is known."
    )
    provider: Provider | None = Field(
        default=None, description="The provider; may be absent where a person acts alone (md. 4 and 5)."
    )
    people: Annotated[tuple[Person, ...], AfterValidator(_at_least_one)] = Field(
        description="The people of the application, each once.", json_schema_extra={"minItems": 1}
    )
    evidence: tuple[FileName, ...] = Field(
        default=(),
        repr=False,
        description="File names in the same folder; md. 4 and 5: the certificates' zip, optional.",
        json_schema_extra={"uniqueItems": True},
    )
    reason: FreeText | None = Field(
        default=None, repr=False, description="Why the people are removed (personnel_removal)."
    )
    petition: FileName | None = Field(
        default=None,
        repr=False,
        description="File name of the petition in the same folder (record_deletion).",
    )

    @property
    def reference_day(self) -> date:
        """The calendar day of the e-signature in Europe/Istanbul: the reference of "son bir ay"."""
        return self.submitted_at.astimezone(ISTANBUL).date()

    @property
    def upload_day(self) -> date | None:
        """The calendar day of the upload in Europe/Istanbul, or None where it was not told."""
        return self.uploaded_at.astimezone(ISTANBUL).date() if self.uploaded_at else None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        faults = [*self._procedure_faults(), *self._duplicates()]
        if faults:
            raise ValidationError.from_exception_data(type(self).__name__, faults)
        return self

    def _procedure_faults(self) -> Iterable[InitErrorDetails]:
        for name in _NEEDED[self.procedure]:
            if not getattr(self, name):
                yield _fault(ProblemKind.MISSING, "This procedure needs the field", name)
        for name in _FOREIGN[self.procedure]:
            if getattr(self, name):
                yield _fault(ProblemKind.NOT_ALLOWED, "This procedure does not have the field", name)

    def _duplicates(self) -> Iterable[InitErrorDetails]:
        for number in _repeated(person.national_id for person in self.people):
            yield _fault(ProblemKind.DUPLICATE, "The person is named twice", "people", number, "national_id")
        for number in _repeated(self.evidence):
            yield _fault(ProblemKind.DUPLICATE, "The file is named twice", "evidence", number)


def _fault(kind: ProblemKind, message: str, *place: str | int) -> InitErrorDetails:
    error = PydanticCustomError(kind.value, "{reason}", {"reason": message})
    return InitErrorDetails(type=error, loc=place, input=None)


def _repeated(values: Iterable[str]) -> Iterable[int]:
    seen: set[str] = set()
    for number, value in enumerate(values):
        if value in seen:
            yield number
        seen.add(value)


def parse_application(raw: bytes) -> Application:
    """Read and check the bytes of an `application.json` (UTF-8, a byte-order mark is tolerated).

    Raises `ApplicationInvalid` with every fault found, and nothing else, whatever the bytes are.
    """
    text = _decode(raw)
    _check_json(text)
    try:
        return Application.model_validate_json(text)
    except ValidationError as error:
        problems = [_problem(details) for details in error.errors(include_url=False, include_input=False)]
    raise ApplicationInvalid(problems)


def _refuse(kind: ProblemKind, message: str, place: str = _FILE) -> NoReturn:
    raise ApplicationInvalid([Problem(place, message, kind)]) from None


def _decode(raw: bytes) -> str:
    if len(raw) > MAX_BYTES:
        _refuse(ProblemKind.TOO_LARGE, f"more than {MAX_BYTES} bytes")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        _refuse(ProblemKind.NOT_JSON, "not UTF-8")


def _check_json(text: str) -> None:
    """Refuse what pydantic's own JSON reader lets pass: keys written twice, NaN and Infinity."""
    try:
        json.loads(text, object_pairs_hook=_unique_keys, parse_constant=_no_constant)
    except ApplicationInvalid:
        raise
    except RecursionError:
        _refuse(ProblemKind.NOT_JSON, "nested too deeply")
    except ValueError:
        _refuse(ProblemKind.NOT_JSON, "not JSON")


def _unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    for number in _repeated(key for key, _ in pairs):
        _refuse(ProblemKind.DUPLICATE, "the key is written twice", _shown(pairs[number][0]))
    return dict(pairs)


def _no_constant(name: str) -> NoReturn:
    _refuse(ProblemKind.NOT_JSON, f"{name} is not JSON")


_KINDS: Mapping[str, ProblemKind] = {
    "missing": ProblemKind.MISSING,
    "extra_forbidden": ProblemKind.UNKNOWN_FIELD,
    "string_pattern_mismatch": ProblemKind.WRONG_FORM,
    "enum": ProblemKind.WRONG_FORM,
    "string_too_long": ProblemKind.TOO_LONG,
    "json_invalid": ProblemKind.NOT_JSON,
}


def _problem(details: ErrorDetails) -> Problem:
    kind = _KINDS.get(details["type"])
    if kind is None:
        own = details["type"] in set(ProblemKind)
        kind = ProblemKind(details["type"]) if own else ProblemKind.WRONG_TYPE
    place = ".".join(_shown(str(part)) for part in details["loc"]) or _FILE
    return Problem(place, details["msg"], kind)


def _shown(name: str) -> str:
    """Return a field's name fit for messages: no T.C. number, one line, not endless."""
    return "".join(letter if letter.isprintable() else "?" for letter in redact(name)[:100])


def application_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of `application.json`."""
    schema = Application.model_json_schema()
    conditions = [_condition(procedure) for procedure in Procedure]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "allOf": conditions}


def _condition(procedure: Procedure) -> dict[str, Any]:
    """What one procedure needs and does not have, as if/then."""
    needed: dict[str, Any] = {name: {"not": {"enum": [None, []]}} for name in _NEEDED[procedure]}
    foreign: dict[str, Any] = {name: {"enum": [None, []]} for name in _FOREIGN[procedure]}
    return {
        "if": {"properties": {"procedure": {"const": procedure.value}}, "required": ["procedure"]},
        "then": {"required": list(needed), "properties": needed | foreign},
    }
