"""A fault put into the running program: the code of the functions that it changes is exchanged."""

import gc
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

_NEW_LOCALS = 2  # CO_NEWLOCALS: set for functions, not for modules and classes


def exchanges(before: CodeType, after: CodeType) -> list[tuple[CodeType, CodeType]] | None:
    """Return the codes of functions to exchange, or None if something that runs on import changes too."""
    if _own(before) != _own(after):
        return None
    found: list[tuple[CodeType, CodeType]] = []
    for old, new in zip(_inner(before), _inner(after), strict=True):
        if old == new:
            continue
        if old.co_flags & _NEW_LOCALS:
            found.append((old, new))
            continue
        inner = exchanges(old, new)
        if inner is None:
            return None
        found += inner
    return found


def functions() -> dict[CodeType, list[FunctionType]]:
    """Return the living functions of the rules by their code."""
    found: dict[CodeType, list[FunctionType]] = {}
    for thing in gc.get_objects():
        if type(thing) is FunctionType and (thing.__module__ or "").split(".")[0] == "validators":
            found.setdefault(thing.__code__, []).append(thing)
    return found


def exchange(pairs: list[tuple[CodeType, CodeType]], living: dict[CodeType, list[FunctionType]]) -> bool:
    """Exchange the codes; return False if one of them belongs to no living function."""
    if any(old not in living or old.co_freevars != new.co_freevars for old, new in pairs):
        return False
    for old, new in pairs:
        for function in living[old]:
            function.__code__ = new
    return True


def caches() -> list[Any]:
    """Return the caches of functions, which hold answers from before an exchange or from another test."""
    return [
        thing
        for thing in gc.get_objects()
        if hasattr(type(thing), "cache_clear")
        and _module(thing).split(".")[0] in ("validators", "extractors")
    ]


def _module(thing: object) -> str:
    return str(getattr(thing, "__module__", None) or "")


def _own(code: CodeType) -> tuple[object, ...]:
    constants = tuple(
        (type(each), each) if not isinstance(each, CodeType) else each.co_name for each in code.co_consts
    )
    return code.co_code, code.co_names, code.co_varnames, constants


def _inner(code: CodeType) -> Iterator[CodeType]:
    return (each for each in code.co_consts if isinstance(each, CodeType))
