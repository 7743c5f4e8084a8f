"""Texts that run elsewhere: what strangers may write in declarations, names of files, papers and QR codes."""

import unicodedata
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

from tests.papers import archives, builders, draw, identities
from tests.papers.applications import Application
from tests.papers.identities import Company, Person
from tests.papers.inbox import write_application

ESCAPES = "\x1b]0;owned\x07\x1b[2J\x1b[31m\x9b5m\x08\x08\r"
"""What a terminal obeys: a new title, an empty screen, colours, the eight-bit form of the same, steps back."""
TURNED = "\u202efdp.exe\u2066\u2028\u200f"
"""What turns the order of letters around, or begins a line."""
HTML = '<script>alert(1)</script><img src=x onerror=alert(1)>"\'><b onclick="x">&lt;'
SQL = "Robert'); DROP TABLE people;--"
FORMULA = '=HYPERLINK("http://evil.example","x")'
MARKDOWN = "[x](javascript:alert(1)) ![x](http://evil.example/x.png) | a | `b` # *c*"
TEMPLATE = "{{7*7}} {0} {names} ${HOME} %(name)s %s [bold red]x[/]"
PLAIN = " ".join((FORMULA, HTML, SQL, MARKDOWN, TEMPLATE))
"""Everything that a declaration may hold: it has no control characters."""
EVERYTHING = PLAIN + ESCAPES + TURNED

_OBEYED = {"Cc", "Cf", "Zl", "Zp"}
"""Categories of characters that show nothing and do something."""


def obeyed(text: str, allowed: str = "\n") -> set[str]:
    """Return the characters of a text that a terminal or reader would obey instead of showing."""
    return {c for c in text if unicodedata.category(c) in _OBEYED} - set(allowed)


def person(rng: Random) -> Person:
    """Return somebody whose names are attacks."""
    return replace(identities.person(rng), given_name=f"{FORMULA} {SQL}", family_name=f"{HTML} {MARKDOWN}")


def company(rng: Random) -> Company:
    """Return a firm whose title is an attack."""
    return replace(identities.company(rng), title=PLAIN)


def paper(rng: Random, somebody: Person, firm: Company) -> bytes:
    """Return an entry declaration with attacks in its names, its title and its QR codes."""
    drawn = builders.entry_declaration(rng, somebody, firm, builders.NOW.date() - timedelta(days=5))
    honest = drawn.footer.payloads[0]
    footer = replace(drawn.footer, payloads=(honest + EVERYTHING, EVERYTHING))
    return draw(replace(drawn, employer_title=PLAIN[:55], footer=footer))


def upload(rng: Random, somebody: Person, firm: Company) -> bytes:
    """Return an archive whose members are named by attacks."""
    data = paper(rng, somebody, firm)
    names = (f"{FORMULA}{ESCAPES}.pdf", f"{TURNED}.pdf", f"{HTML}.pdf", f"{MARKDOWN}.txt")
    files = {name.replace("/", ""): data + b"\n" * number for number, name in enumerate(names)}
    return archives.plain(files)


def application(inbox: Path, application_id: str = "TS-2026-000666") -> Path:
    """Write an application of which everything is hostile that may be; return its folder."""
    rng = Random(application_id)
    somebody, firm = person(rng), company(rng)
    name = f"{FORMULA} {HTML} {SQL}.zip".replace("/", "")
    return write_application(
        inbox,
        Application(
            application_id,
            "provider_registration",
            builders.NOW,
            (somebody,),
            firm,
            uploads={name: upload(rng, somebody, firm)},
        ),
    )
