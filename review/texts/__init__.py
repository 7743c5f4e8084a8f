"""What the review application says, in Turkish and English: `tr.toml`, `en.toml`, one section a room."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from flows.texts import Language, flat_texts

__all__ = ["Language", "catalogue", "text"]


def text(key: str, language: Language, **facts: object) -> str:
    """Return the text of a key, for example `login.title`, with its places filled. Raises KeyError."""
    return catalogue(language)[key].format_map(facts)


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """Return every text of a language by its dotted key."""
    return flat_texts(files(__name__).joinpath(f"{language}.toml").read_text(encoding="utf-8"))
