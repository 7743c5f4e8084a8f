"""Addresses of the queue: what they say is what is asked for, and no number of a person stands in one."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request

from review.queue_query import Asked, address_of_view, read_asked
from storage.desk.queue import CaseState, Claimed, Filter, Sort
from validators.application import Procedure
from validators.finding import Code, Level, Proposal
from validators.identity import redact

PERSON = "10000000146"

words = st.text(st.characters(categories=["L", "N", "Zs"], max_codepoint=0x17F), min_size=1, max_size=30)
filters = st.builds(
    Filter,
    states=st.sampled_from([(), tuple(CaseState), *((state,) for state in CaseState)]),
    reasons=st.lists(st.sampled_from(Code), unique=True, max_size=3).map(tuple),
    severity=st.none() | st.sampled_from([Level.BLOCK, Level.REVIEW]),
    run=st.none() | st.uuids().map(str),
    procedure=st.none() | st.sampled_from(Procedure),
    proposal=st.none() | st.sampled_from(Proposal),
    provider=st.none() | st.just("1234567890"),
    text=st.none()
    | words.map(str.strip).filter(lambda text: text and text.isprintable() and redact(text) == text),
    older_than=st.none() | st.integers(0, 3650),
    due_by=st.none() | st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    claimed=st.sampled_from(Claimed),
)


def ask(query: str) -> Asked:
    scope = {"type": "http", "method": "GET", "path": "/queue", "headers": [], "query_string": query.encode()}
    request = Request(scope)
    request.state.session = None
    return read_asked(request)


@settings(max_examples=60, deadline=None)
@given(filters, st.sampled_from(Sort))
def test_an_address_asks_for_what_it_was_written_of(wanted: Filter, sort: Sort) -> None:
    address = Asked(wanted, sort).address()
    assert ask(address.partition("?")[2]) == Asked(wanted, sort)


def test_what_is_not_narrowed_stands_in_no_address() -> None:
    assert Asked(Filter(account=7)).address() == "/queue"
    assert not Asked(Filter(account=7)).narrows


def test_a_number_of_a_person_is_never_written() -> None:
    for wanted in (Filter(person=PERSON), Filter(provider=PERSON)):
        address = Asked(wanted, sealed="c2VhbGVk").address()
        assert PERSON not in address
        assert "who=c2VhbGVk" in address
    assert address_of_view(Filter(person=PERSON)) == "/queue"


@pytest.mark.parametrize(
    "query",
    [
        "reason=NO_SUCH",
        "state=gone",
        "severity=high",
        "older=-1",
        "older=99999",
        "due=tomorrow",
        "claimed=1",
        "run=" + "x" * 37,
        f"text={PERSON}",
        f"text=Ay%C5%9Fe+{PERSON}",
        f"provider={PERSON}",
    ],
)
def test_what_no_page_of_ours_writes_is_refused(query: str) -> None:
    with pytest.raises(HTTPException) as refused:
        ask(query)
    assert refused.value.status_code == 400


def test_a_condition_can_be_left_out_alone() -> None:
    asked = ask("reason=NO_LINK&reason=QR_MISSING&text=abc&after=x")
    assert QueryParams(asked.without("text").partition("?")[2]).multi_items() == [
        ("reason", "NO_LINK"),
        ("reason", "QR_MISSING"),
    ]
