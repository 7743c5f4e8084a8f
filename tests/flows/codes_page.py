"""Writes docs/codes.md from the catalogue and the message files: `python -m tests.flows.codes_page > docs/codes.md`."""

import sys
from collections.abc import Iterator
from typing import Any

from validators.catalogue import CATALOGUE
from validators.finding import Code
from validators.messages import load_messages

_HEAD = """\
# Codes

Every code that kanit can give, with the question it answers, what is said when the answer is not *yes*, and what to do
about it. Words in braces are filled from the finding's `facts`. Officers see the Turkish text, `--lang en` the English
one.

*block* and *review* flag a person or an application, *note* does not; these are the levels of the default policy
`kilavuz-v3`. "the upload" stands for the clause of the procedure: m.4(4)(c), m.5(2)(ç), m.6(3)(d) or m.7(1)(e).
Nothing here is a refusal: a flagged case goes to a person, with a proposal.

This page is written by `make docs` from the message files; a test keeps the two the same.
"""
_PROPOSALS = {
    "return_to_applicant": "return to the applicant",
    "check_by_hand": "check by hand",
    "wait_until": "wait until",
}
_CLAUSES = {"evidence": "(the upload)", "registered": "(the personnel record)"}


def page() -> str:
    """Return the page."""
    said = [code for code in Code if code.value in load_messages("tr")]
    silent = [code for code in Code if code not in said]
    return (
        "\n".join([_HEAD, *(line for code in said for line in _section(code)), *_later(silent)]).rstrip()
        + "\n"
    )


def _section(code: Code) -> Iterator[str]:
    entry = CATALOGUE[code]
    yield f"## {code.value}\n"
    proposal = _PROPOSALS[entry.proposal]
    yield f"**{entry.level}** · {entry.basis.format(**_CLAUSES)} · proposal: {proposal}\n"
    turkish, english = (load_messages(language)[code.value] for language in ("tr", "en"))
    yield f"{english['question']} — *{turkish['question']}*\n"
    for part in ("failed", "indeterminate", "remedy"):
        yield from (f"- {part}: {first} — *{second}*" for first, second in _pairs(english, turkish, part))
    yield ""


def _pairs(english: Any, turkish: Any, part: str) -> list[tuple[str, str]]:
    """Return the distinct sentences of a part in both languages: none, one, or one by reason."""
    first, second = english.get(part), turkish.get(part)
    if first is None:
        return []
    if isinstance(first, str):
        return [(first, second)]
    return list(dict.fromkeys((first[reason], second[reason]) for reason in sorted(first)))


def _later(codes: list[Code]) -> Iterator[str]:
    if codes:
        yield "## Not given by this version\n"
        yield "Named by the public contract for what is not built yet:\n"
        yield from (f"- `{code.value}`" for code in codes)


if __name__ == "__main__":
    sys.stdout.write(page())
