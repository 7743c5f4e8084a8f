"""Reports for people: the public report (already masked) as text on a terminal, in Turkish or English."""

import shutil
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias, TypedDict

import click

from flows.texts import Language, say
from flows.wording import Json, PaperKey, decided, paper_key, paper_name, place, shown_box
from validators.application import Application
from validators.finding import Level, Outcome
from validators.messages import load_messages

MAX_ROWS = 12
"""Rows of a service statement that are shown; `--json` has all of them."""

MAX_WIDTH = 110


Names: TypeAlias = Mapping[PaperKey, str]
"""Names of papers by what findings name them by."""


class Style(TypedDict, total=False):
    """Arguments of `click.style`."""

    fg: str
    bold: bool
    dim: bool


PLAIN, BOLD, DIM = Style(), Style(bold=True), Style(dim=True)
GREEN, RED, YELLOW, CYAN = (Style(fg=colour) for colour in ("green", "red", "yellow", "cyan"))

_SIGNS = {"verified": ("✔", GREEN), "flagged": ("✘", RED)}
_LEVELS = {Level.BLOCK: ("✘", RED), Level.REVIEW: ("?", YELLOW), Level.NOTE: ("·", CYAN)}
_PASSED = ("✔", GREEN)


class Renderer:
    """Prints reports in one language; `everything` shows passed questions too."""

    def __init__(self, language: Language, *, everything: bool = False) -> None:
        self._language = language
        self._everything = everything

    def application(self, report: Json, application: Application | None) -> None:
        """Print the decision on an application, its people with their findings, and its documents."""
        names = {
            paper_key(document): paper_name(document, self._language) for document in report["documents"]
        }
        print_paragraph(
            f"{report['application_id']} · {self._say('procedure', report['procedure'] or 'none')}", 0, BOLD
        )
        _, colour = _SIGNS[report["decision"]]
        decision = self._say("decision", report["decision"])
        policy = say("verify.policy", self._language, policy=report["policy"])
        print_paragraph(
            f"{say('verify.decision', self._language, decision=decision)} · {policy}",
            0,
            Style(bold=True, fg=colour["fg"]),
        )
        self._people(report, application, names)
        self._section("verify.application", report["findings"], names)
        self._documents(report, names)
        self._count_hidden(report)

    def document(self, document: Json, indent: int = 0) -> None:
        """Print one document: what it is, its codes, its fields, and what is wrong with it."""
        print_paragraph(", ".join(self._about(document, {})), indent, BOLD)
        for name, field in document["fields"].items():
            for line in self._field(name, field):
                print_paragraph(line, indent + 2)
        self.findings(document["findings"], {}, indent + 2)

    def findings(self, findings: Sequence[Json], names: Names, indent: int) -> None:
        """Print findings with their messages and places; passed ones only when everything is wanted."""
        for finding in filter(self._is_shown, findings):
            passed = finding["outcome"] == Outcome.PASSED
            sign, colour = _PASSED if passed else _LEVELS[Level(finding["level"])]
            print_paragraph(f"{sign} {finding['code']}", indent, colour)
            print_paragraph(finding["message"][self._language], indent + 2)
            if where := self._place(finding, names):
                print_paragraph(where, indent + 2, DIM)

    def _people(self, report: Json, application: Application | None, names: Names) -> None:
        if not report["people"]:
            return
        self._heading("verify.people")
        declared = application.people if application else ()
        for person, declaration in zip(report["people"], declared, strict=True):
            sign, colour = _SIGNS[person["decision"]]
            name = f"{declaration.given_name} {declaration.family_name} ({person['national_id']})"
            print_paragraph(f"{sign} {name} · {decided(person, self._language)}", 2, colour)
            self.findings(person["findings"], names, 4)

    def _documents(self, report: Json, names: Names) -> None:
        if report["documents"]:
            self._heading("verify.documents")
        for document in report["documents"]:
            print_paragraph("· " + ", ".join(self._about(document, names)), 2)

    def _about(self, document: Json, names: Names) -> Iterator[str]:
        yield paper_name(document, self._language)
        if document.get("faults"):
            yield self._say("document", "unread")
            return
        yield str(load_messages(self._language.value)["words"]["kind"][document["kind"]])
        yield self._pages(document)
        if "part_of" in document:
            whole = names.get((document["part_of"], None), "")
            yield say("document.part_of", self._language, document=whole)
            return
        yield self._say("document", f"text_{document['text']}")
        if document["barcode"]:
            yield say("document.barcode", self._language, barcode=document["barcode"])
        qr = document["qr"]
        yield say("document.qr", self._language, **qr) if qr else self._say("document", "no_qr")

    def _pages(self, document: Json) -> str:
        if "page_numbers" not in document:
            return say("document.pages", self._language, pages=document["pages"])
        numbers = ", ".join(map(str, document["page_numbers"]))
        return say("document.page_numbers", self._language, numbers=numbers)

    def _field(self, name: str, field: Json) -> Iterator[str]:
        value = field["value"]
        if not isinstance(value, list):
            seen = {"page": field["page"], "box": shown_box(field["box"]), "method": field["method"]}
            yield f"{name}: {_shown(value)}  ({say('document.seen', self._language, **seen)})"
            return
        yield f"{name}:"
        for row in value[:MAX_ROWS]:
            yield "  " + " | ".join(_shown(cell) for cell in row.values() if cell != [])
        if len(value) > MAX_ROWS:
            yield "  " + say("document.more", self._language, count=len(value) - MAX_ROWS)

    def _section(self, heading: str, findings: Sequence[Json], names: Names) -> None:
        if any(map(self._is_shown, findings)):
            self._heading(heading)
            self.findings(findings, names, 2)

    def _place(self, finding: Json, names: Names) -> str:
        document = names.get((finding["document"], finding.get("paper")), "")
        return place(finding, document, self._language) if document else ""

    def _count_hidden(self, report: Json) -> None:
        findings = [*report["findings"], *(f for person in report["people"] for f in person["findings"])]
        hidden = sum(not self._is_shown(finding) for finding in findings)
        if hidden:
            print_paragraph(say("verify.passed", self._language, count=hidden), 0, DIM)

    def _is_shown(self, finding: Json) -> bool:
        return self._everything or finding["outcome"] != Outcome.PASSED

    def _heading(self, key: str) -> None:
        click.echo()
        print_paragraph(say(key, self._language), 0, BOLD)

    def _say(self, table: str, key: str) -> str:
        return say(f"{table}.{key}", self._language)


def print_paragraph(text: str, indent: int = 0, style: Style = PLAIN) -> None:
    """Print a paragraph in one style, indented, wrapped to the terminal."""
    width = min(MAX_WIDTH, shutil.get_terminal_size((MAX_WIDTH, 0)).columns)
    margin = " " * indent
    lines = textwrap.fill(
        text, width, initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False
    )
    click.echo(click.style(lines, **style))


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {part}" for key, part in value.items())
    return "—" if value is None else str(value)
