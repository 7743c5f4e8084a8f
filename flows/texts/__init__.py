"""What the command line says, in Turkish and English. Rules have messages of their own in `validators`."""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from importlib.resources import files

from validators.application import ISTANBUL


class Language(StrEnum):
    """A language that kanit speaks."""

    TURKISH = "tr"
    ENGLISH = "en"


def say(key: str, language: Language, **facts: object) -> str:
    """Return the text of a key, for example `verify.decision.verified`, with its places filled."""
    return catalogue(language)[key].format_map(facts)


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """Return every text of a language by its dotted key."""
    return flat_texts(files(__name__).joinpath(f"{language}.toml").read_text(encoding="utf-8"))


def flat_texts(source: str) -> Mapping[str, str]:
    """Return the texts of a TOML file by their dotted keys. Raises tomllib.TOMLDecodeError."""
    return dict(_flat(tomllib.loads(source)))


def spell_day(day: date, language: Language) -> str:
    """Return a calendar day as people of the language write it: 22.11.2026 or 2026-11-22."""
    return f"{day:%d.%m.%Y}" if language is Language.TURKISH else day.isoformat()


def spell_day_of(moment: datetime, language: Language) -> str:
    """Return the calendar day in Istanbul of a moment with a time zone."""
    return spell_day(moment.astimezone(ISTANBUL).date(), language)


def spell_moment(moment: datetime, language: Language) -> str:
    """Return a moment with a time zone as day and clock time in Istanbul."""
    return f"{spell_day_of(moment, language)} {moment.astimezone(ISTANBUL):%H:%M}"


def _flat(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)
