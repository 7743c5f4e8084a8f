"""JSON Schemas (2020-12) of the public report and of a document in it (contract, section 3).

They require what the contract names and allow additions, as the contract does.
"""

from enum import StrEnum
from typing import Any

from extractors.facts import FaultCode, Kind, Media, TextSource, TraceKind
from validators.application import Procedure
from validators.finding import Code, Decision, Level, Outcome, Proposal, Route

Json = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXT: Json = {"type": "string"}
_FILLED: Json = {"type": "string", "minLength": 1}
_DAY: Json = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_DAY_OR_NULL: Json = {"anyOf": [_DAY, {"type": "null"}]}
_NUMBER: Json = {
    "type": "string",
    "pattern": "^([0-9]{11}|[0-9]{2}\\*{9}|\\*{11})$",
    "description": "T.C. kimlik no, masked unless it was asked for.",
}
_PAGE: Json = {"type": "integer", "minimum": 1}
_BOX: Json = {
    "type": "array",
    "items": {"type": "number"},
    "minItems": 4,
    "maxItems": 4,
    "description": "x0 y0 x1 y1 from the page's top left: PDF points, for images pixels.",
}
_PAPER: Json = {
    "type": "integer",
    "minimum": 1,
    "description": "Which of the papers in the file; given where the file holds several.",
}
_DOCUMENT_ID: Json = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}


def report_schema() -> Json:
    """Return the JSON Schema of a report."""
    return {
        "$schema": _DIALECT,
        "title": "Report of kanit on one application",
        **_object(
            {
                "report": {"const": 1},
                "application_id": _FILLED,
                "procedure": _optional(_enum(Procedure)),
                "decision": _enum(Decision),
                "policy": _FILLED,
                "people": _list("person"),
                "findings": _list("finding"),
                "documents": _list("document"),
            }
        ),
        "$defs": _definitions(),
    }


def document_schema() -> Json:
    """Return the JSON Schema of one document: a line of `kanit read --json`."""
    return {
        "$schema": _DIALECT,
        "title": "A document as kanit reads it",
        "$ref": "#/$defs/document",
        "$defs": _definitions(),
    }


def _definitions() -> Json:
    return {
        "finding": _finding(),
        "person": _person(),
        "code": _code({}),
        "qr": _code({"barcode": _FILLED}),
        "record": _record(),
        "field": _field({}),
        "trace": _trace(),
        "signature": _signature(),
        "document": _document(),
    }


def _finding() -> Json:
    scalar = {"type": ["string", "number", "boolean", "null"]}
    texts = {"type": "object", "additionalProperties": _TEXT}
    return _object(
        {
            "code": _enum(Code),
            "outcome": _enum(Outcome),
            "level": _enum(Level),
            "legal_basis": _FILLED,
            "message": _object({"tr": _FILLED, "en": _FILLED}),
            "document": _optional(_DOCUMENT_ID),
            "page": _optional(_PAGE),
            "box": _optional(_BOX),
            "facts": {"type": "object", "additionalProperties": {"anyOf": [scalar, texts]}},
        },
        {"paper": _PAPER},
    )


def _person() -> Json:
    flagged = {"properties": {"decision": {"const": Decision.FLAGGED.value}}}
    waits = {"properties": {"proposal": {"const": Proposal.WAIT_UNTIL.value}}, "required": ["proposal"]}
    return {
        **_object(
            {
                "national_id": _NUMBER,
                "decision": _enum(Decision),
                "route": _optional(_enum(Route)),
                "findings": _list("finding"),
            },
            {"proposal": _enum(Proposal), "wait_until": _DAY},
        ),
        "allOf": [
            {"if": flagged, "then": {"required": ["proposal"]}, "else": {"not": {"required": ["proposal"]}}},
            {
                "if": waits,
                "then": {"required": ["wait_until"]},
                "else": {"not": {"required": ["wait_until"]}},
            },
        ],
    }


def _code(more: Json) -> Json:
    return _object({"text": _TEXT, **more, "page": _PAGE, "box": _BOX, "decoder": _FILLED})


def _field(value: Json) -> Json:
    method = {"enum": ["text", "ocr", "second_reader"]}
    return _object({"value": value, "page": _PAGE, "box": _BOX, "method": method}, {"raw": _TEXT})


def _record() -> Json:
    texts = dict.fromkeys(("branch", "status", "workplace", "unit", "period", "document_type"), _TEXT)
    return _object(
        {
            **texts,
            "entry_date": _DAY_OR_NULL,
            "days": _optional({"type": "integer", "minimum": 0}),
            "exit_date": _DAY_OR_NULL,
        }
    )


def _trace() -> Json:
    return _object(
        {
            "kind": _enum(TraceKind),
            "page": _optional(_PAGE),
            "box": _optional(_BOX),
            "facts": {"type": "object"},
        }
    )


def _signature() -> Json:
    return _object(
        {
            "signer": _optional(_TEXT),
            "signed_at": _optional(_TEXT),
            "intact": _optional({"type": "boolean"}),
            "whole_file": {"type": "boolean"},
            "trust": {"const": "not_judged", "description": "A certificate is not judged offline."},
        },
        {"count": {"type": "integer", "minimum": 1}},
    )


def _document() -> Json:
    titles = {"type": "object", "additionalProperties": _TEXT}
    fault = _object({"code": _enum(FaultCode), "facts": {"type": "object"}})
    return _object(
        {
            "id": _DOCUMENT_ID,
            "name": _TEXT,
            "kind": _enum(Kind),
            "pages": {"type": "integer", "minimum": 0},
            "text": _enum(TextSource),
            "qr": _optional({"$ref": "#/$defs/qr"}),
            "codes": _list("code"),
            "barcode": _optional(_FILLED),
            "fields": {
                "type": "object",
                "properties": {
                    "national_id": _field(_optional(_NUMBER)),
                    "start_date": _field(_DAY_OR_NULL),
                    "records": _field(_list("record")),
                    "workplaces": _field(titles),
                },
                "additionalProperties": {"$ref": "#/$defs/field"},
            },
            "findings": _list("finding"),
        },
        {
            "media": _enum(Media),
            "size": {"type": "integer", "minimum": 0},
            "scan": {"type": "boolean"},
            "faults": {"type": "array", "items": fault},
            "doubts": {"type": "array", "items": _TEXT},
            "traces": _list("trace"),
            "signature": _optional({"$ref": "#/$defs/signature"}),
            "paper": _PAPER,
            "papers": {"type": "integer", "minimum": 2},
            "page_numbers": {"type": "array", "items": _PAGE},
            "part_of": {
                **_DOCUMENT_ID,
                "description": "The document whose paper this file continues; its pages count on from file to file.",
            },
        },
    )


def _object(required: Json, optional: Json | None = None) -> Json:
    """Describe an object that has these members; others are welcome."""
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **(optional or {})},
    }


def _optional(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


def _list(name: str) -> Json:
    return {"type": "array", "items": {"$ref": f"#/$defs/{name}"}}


def _enum(members: type[StrEnum]) -> Json:
    return {"enum": [member.value for member in members]}
