"""Cases of papers that bear traces of editing: notes, unless a value was taken away that the page does not show."""

from dataclasses import replace

from extractors.facts import Document, Scalar, Trace, TraceKind
from extractors.traces_values import leave_open
from tests.validators import factory as f
from tests.validators.cases.row import BY_HAND, DECLARATION, GOOD, flagged, verified

FACTS: dict[TraceKind, dict[str, Scalar]] = {
    TraceKind.UPDATED: {"count": 3, "revised": 1},
    TraceKind.SIGNED_UPDATE: {"count": 7, "revised": 3},
    TraceKind.PRODUCER: {"family": "online_editor", "program": "ilovepdf"},
    TraceKind.MODIFIED_LATER: {"created": "2026-11-10", "modified": "2026-11-12", "minutes": 2880},
    TraceKind.CREATED_LATER: {"created": "2026-11-15", "printed": "2026-11-10"},
    TraceKind.DATES_DIFFER: {"information": "2026-11-10", "xmp": "2026-11-12", "minutes": 2880},
    TraceKind.LAYER_OFF: {"count": 1},
    TraceKind.ANNOTATION: {"count": 1},
    TraceKind.INVISIBLE_TEXT: {"count": 4},
    TraceKind.COVERED_TEXT: {"count": 1},
    TraceKind.NO_INK: {"field": "issued_on"},
    TraceKind.SHOWS_OTHERWISE: {"field": "issued_on"},
    TraceKind.UNREAD_INK: {"field": "records"},
}
"""What the extractors tell of each kind of trace, on no value where there may be none."""
ON_THE_PAGE = frozenset(
    {
        TraceKind.CREATED_LATER,
        TraceKind.ANNOTATION,
        TraceKind.INVISIBLE_TEXT,
        TraceKind.COVERED_TEXT,
        TraceKind.NO_INK,
        TraceKind.SHOWS_OTHERWISE,
        TraceKind.UNREAD_INK,
    }
)


def trace(kind: TraceKind, field: str | None = None) -> Trace:
    """A trace of a kind, on a value where one is named."""
    facts = {**FACTS.get(kind, {}), **({"field": field} if field else {})}
    return Trace(kind, 1, f.BOX, facts) if kind in ON_THE_PAGE else Trace(kind, facts=facts)


def traced(document: Document, *traces: Trace) -> Document:
    """The document with traces, as the extractors hand it on."""
    return leave_open(replace(document, traces=traces))


NOT_SHOWN = (
    TraceKind.ANNOTATION,
    TraceKind.INVISIBLE_TEXT,
    TraceKind.COVERED_TEXT,
    TraceKind.NO_INK,
    TraceKind.SHOWS_OTHERWISE,
)

TRACED = (
    *(verified(f"trace {kind.value}", f.case(replace(GOOD, traces=(trace(kind),)))) for kind in TraceKind),
    *(
        flagged(
            f"start date and {kind.value}",
            f.case(traced(f.declaration(), trace(kind, "start_date"))),
            "DOCUMENT_UNREADABLE START_DATE_MISSING",
            BY_HAND,
            route=DECLARATION,
        )
        for kind in NOT_SHOWN
    ),
    flagged(
        "a row has writing that is not in the text layer",
        f.case(traced(GOOD, trace(TraceKind.UNREAD_INK, "records"))),
        "DOCUMENT_UNREADABLE EMPLOYMENT_ENDED",
        BY_HAND,
    ),
    flagged(
        "the T.C. number is not what the page shows",
        f.case(traced(GOOD, trace(TraceKind.SHOWS_OTHERWISE, "national_id"))),
        "DOCUMENT_UNREADABLE QR_PERSON_MISMATCH",
        BY_HAND,
    ),
)
