"""Traces of editing in a PDF (`PDF_SUSPECT`): each a signal with its place, none of them alone a ground to refuse.

A genuine paper that was printed to a file or sent through a web service has traces as well, so the default policy
makes them notes. Where text that a page does not show lies on a decisive value, the extractors have taken the value
away, and the question that needs it goes to an officer by its own code.
"""

from collections.abc import Iterator

from extractors.facts import Media, Value
from validators.finding import Code, Finding
from validators.subjects import Paper, Place


def is_unedited(paper: Paper) -> Iterator[Finding]:
    """Ask whether a PDF bears traces of editing after it was issued, or text that its pages do not show."""
    if paper.unread or paper.document.media is not Media.PDF:
        return
    for trace in paper.document.traces:
        at = Place(paper.document.key, trace.page, trace.box)
        facts: dict[str, Value] = {**trace.facts, "thing": trace.facts.get("field")}
        yield paper.ask.failed(Code.PDF_SUSPECT, at, reason=trace.kind.value, **facts)
    if not paper.document.traces:
        yield paper.ask.passed(Code.PDF_SUSPECT, paper.at())
