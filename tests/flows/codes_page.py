"""Writes the pages on codes and clauses from catalogue and message files: `python -m tests.flows.codes_page [DOCS]`."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from flows.texts import Language, say
from tests.flows.citations import bases, cited, citing
from validators.catalogue import CATALOGUE
from validators.clauses import clause_text, clauses_of, load_clauses
from validators.finding import Code, Level, Outcome, Proposal
from validators.messages import load_messages, look, question

DOCS = Path(__file__).resolve().parents[2] / "docs"

_CODES = """\
# Codes

Every code that kanit can give, with the question it answers. Each has a page of its own: what is said, on which clause,
how it is mended, what an officer looks at. [Clauses](clauses.md) lists the codes by the clauses of the guide.

*block* and *review* flag a person or an application, *note* does not; these are the levels of the default policy
`kilavuz-v3`. Nothing here is a refusal: a flagged case goes to a person, with a proposal.

`make docs` writes these pages from the catalogue and the message files; a test keeps them the same.

| code | level | question | proposal |
|---|---|---|---|
"""
_CLAUSES = """\
# Clauses

Every clause of articles 4 to 8 of the guide (Kılavuz), and which [codes](codes.md) cite it. A clause that no code cites
tells a step on a screen, or what the registry does: its tests are in `tests/clauses`. The short texts help finding a
clause; the law is the guide itself.

`make docs` writes this page from the catalogue; a test keeps it the same.
"""
_PROPOSALS = {
    Proposal.RETURN_TO_APPLICANT: "return to the applicant",
    Proposal.CHECK_BY_HAND: "check by hand",
    Proposal.WAIT_UNTIL: "wait until",
}
_LEVELS = {
    Level.BLOCK: "**block**: flags the person or the application",
    Level.REVIEW: "**review**: flags the person or the application",
    Level.NOTE: "**note**: flags nobody, stands beside the answer",
}
_LOOK = {
    Proposal.RETURN_TO_APPLICANT: (
        "Whether the message is right; then the application goes back with the remedy above.",
        "İletinin doğru olup olmadığına bakılır; doğruysa başvuru, giderme yoluyla birlikte iade edilir.",
    ),
    Proposal.CHECK_BY_HAND: (
        "The paper at the page and box that the finding names, beside what the application declares.",
        "Belgede, bulgunun gösterdiği sayfa ve konuma bakılır; başvuruda bildirilenle karşılaştırılır.",
    ),
    Proposal.WAIT_UNTIL: (
        "The date that is waited for.",
        "Beklenen tarihe bakılır.",
    ),
}
_OUTCOMES = {
    Outcome.PASSED: "When the answer is yes",
    Outcome.FAILED: "When the answer is no",
    Outcome.INDETERMINATE: "When it cannot be told",
}


def pages() -> Mapping[str, str]:
    """Return every page by its path below docs/."""
    own = {f"codes/{code.value}.md": _page(_code(code)) for code in said()}
    return {"codes.md": _page(_overview()), "clauses.md": _page(_clauses()), **own}


def said() -> list[Code]:
    """Return the codes that this version gives: those that have messages."""
    return [code for code in Code if code.value in load_messages("tr")]


def _page(lines: Iterable[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"


def _overview() -> Iterator[str]:
    yield _CODES.rstrip()
    for code in said():
        entry = CATALOGUE[code]
        cells = (_link(code, "codes/"), entry.level.value, question(code, "en"), _PROPOSALS[entry.proposal])
        yield _row(*cells)
    silent = [code for code in Code if code not in said()]
    if silent:
        yield "\n## Not given by this version\n"
        yield "Named by the public contract for what is not built yet:\n"
        yield from (f"- `{code.value}`" for code in silent)


def _code(code: Code) -> Iterator[str]:
    entry = CATALOGUE[code]
    yield f"# {code.value}\n"
    yield f"{question(code, 'en')} — *{question(code, 'tr')}*\n"
    essential = "; acceptance rests on it, no policy can make it a note" if entry.essential else ""
    yield f"- Level: {_LEVELS[entry.level]}{essential}."
    suspicious = "; an officer looks before anything is returned" if entry.suspicious else ""
    yield f"- Proposal: {_PROPOSALS[entry.proposal]}{suspicious}."
    yield "\n## On which clause\n"
    yield from _grounds(code)
    yield from _messages(code)
    yield "\n## What an officer looks at\n"
    english, turkish = _LOOK[entry.proposal]
    yield f"{look(code, 'en') or english} — *{look(code, 'tr') or turkish}*"
    yield "\n[All codes](../codes.md) · [by clause](../clauses.md)"


def _grounds(code: Code) -> Iterator[str]:
    """Yield the clauses that a code cites, each with the procedures in which it does."""
    procedures = bases()[code]
    citing_in: dict[str, list[str]] = {}
    for procedure, basis in procedures.items():
        name = say(f"procedure.{procedure.value if procedure else 'none'}", Language.ENGLISH)
        for clause in clauses_of(basis):
            citing_in.setdefault(clause, []).append(name)
    for clause, names in citing_in.items():
        where = "" if len(names) == len(procedures) else f" in: {', '.join(names)}"
        yield f"- [{clause}](../clauses.md#{_anchor(clause)}){where}"
        if text := _text(clause):
            yield f"  {text}"


def _text(clause: str) -> str:
    """Return what a clause says in both languages, nothing where no text is kept of it."""
    english, turkish = clause_text(clause, "en"), clause_text(clause, "tr")
    return f"{english} — *{turkish}*" if english and turkish else ""


def _messages(code: Code) -> Iterator[str]:
    english, turkish = (load_messages(language)[code.value] for language in ("en", "tr"))
    for outcome, heading in _OUTCOMES.items():
        if pairs := _pairs(english, turkish, outcome.value):
            yield f"\n## {heading}\n"
            yield from (f"- {first} — *{second}*" for first, second in pairs)
    if pairs := _pairs(english, turkish, "remedy"):
        yield "\n## How to mend it\n"
        yield from (f"- {first} — *{second}*" for first, second in pairs)


def _pairs(english: Any, turkish: Any, part: str) -> list[tuple[str, str]]:
    """Return the distinct sentences of a part in both languages: none, one, or one by reason."""
    first, second = english.get(part), turkish.get(part)
    if first is None:
        return []
    if isinstance(first, str):
        return [(first, second)]
    return list(dict.fromkeys((first[reason], second[reason]) for reason in first))


def _clauses() -> Iterator[str]:
    yield _CLAUSES.rstrip()
    article = ""
    for clause in _every_clause():
        if _anchor(clause) != article:
            article = _anchor(clause)
            heading = (
                f"Madde {article.removeprefix('madde-')}"
                if clause.startswith("Kılavuz")
                else "Other statutes"
            )
            yield f"\n## {heading}\n"
            yield "| clause | what it says | codes |\n|---|---|---|"
        yield _row(
            clause,
            _text(clause),
            ", ".join(_link(code, "codes/") for code in citing(clause) if code in said()),
        )


def _every_clause() -> list[str]:
    """Return the guide's clauses, and whatever else a code cites, in the order of the law."""
    known = list(load_clauses("tr"))
    unknown = sorted(cited() - set(known))
    guide = [clause for clause in known if clause.startswith("Kılavuz")]
    return [
        *guide,
        *(clause for clause in unknown if clause.startswith("Kılavuz")),
        *(clause for clause in (*known, *unknown) if not clause.startswith("Kılavuz")),
    ]


def _anchor(clause: str) -> str:
    """Return the anchor of the heading under which a clause stands."""
    if not clause.startswith("Kılavuz"):
        return "other-statutes"
    return f"madde-{clause.removeprefix('Kılavuz m.').partition('(')[0]}"


def _link(code: Code, folder: str) -> str:
    return f"[{code.value}]({folder}{code.value}.md)"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def write(docs: Path) -> None:
    """Write all pages, and remove those of codes that are no more."""
    wanted = pages()
    (docs / "codes").mkdir(exist_ok=True)
    for stale in (docs / "codes").glob("*.md"):
        if f"codes/{stale.name}" not in wanted:
            stale.unlink()
    for path, text in wanted.items():
        (docs / path).write_text(text, "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS)
