"""What comes back from a child is data, whoever wrote it: a pickle that calls nothing and changes nothing.

A pickle is a program. Of one that an attacker has written in a child, nothing comes to pass in the program but that
data are made: frozen dataclasses, enumerations and exceptions of the extractors (and of the package whose function was
asked for), and some of Python's own. No Python class is handed to it whose attributes it could set. What then
stands in the data is for the rules to judge.
"""

import builtins
import io
import os
import pickle
from collections.abc import Callable, Set
from dataclasses import is_dataclass
from enum import Enum, EnumType
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

_OWN_PACKAGE = __name__.partition(".")[0]
_SANDBOX = __name__.rpartition(".")[0]
_CLOSED = (f"{_SANDBOX}.", f"{_OWN_PACKAGE}.clean_start.")
"""Modules with more than data in them, or that do something when they are loaded."""
_PLAIN = {
    "builtins": {"bytearray", "complex", "frozenset", "range", "set", "slice"},
    "collections": {"OrderedDict", "deque"},
    "datetime": {"date", "datetime", "time", "timedelta", "timezone"},
    "decimal": {"Decimal"},
}
"""Kinds of Python's own data, by module; all of them are written in C, and none can be changed."""
_MESSAGES = {
    "pebble.common.types": {"Result"},
    "pebble.pool.process": {"Acknowledgement", "TaskProblem", "TaskResult"},
}
"""In what words the pool and its children speak."""
_MADE = {
    "pebble.common.types": {"ResultStatus", "RemoteException.rebuild_exception"},
    f"{_SANDBOX}.child": {"Outcome"},
    f"{_SANDBOX}.confinement": {"SandboxUnfit", "Wall"},
}
"""What is made by a call with values."""


class _Loader(pickle.Unpickler):
    def __init__(self, data: bytes, packages: Set[str]) -> None:
        super().__init__(io.BytesIO(data))
        self._packages = packages

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("builtins", "getattr"):
            return _member  # so Python 3.11 names the members of enumerations
        if name in _PLAIN.get(module, ()):
            return super().find_class(module, name)
        if name in _MESSAGES.get(module, ()):
            found = super().find_class(module, name)
            return type(found.__name__, (found,), {})  # what it sets on the class is lost with it
        if name in _MADE.get(module, ()) or (module == "builtins" and _is_error(name)):
            return partial(super().find_class(module, name))
        if module.partition(".")[0] in self._packages and not f"{module}.".startswith(_CLOSED):
            found = super().find_class(module, name)
            if isinstance(found, type) and found.__module__ == module:
                return _kind_of_data(found)
        raise pickle.UnpicklingError("not a kind of data")


def loads(data: bytes, packages: Set[str] = frozenset({_OWN_PACKAGE})) -> Any:
    """Return what a child has pickled; classes of data may come from `packages`.

    Raises UnpicklingError where something else is in it, and whatever else a pickle that was not made by Python raises.
    """
    return _Loader(data, packages).load()


def packages_of(function: Callable[..., object]) -> frozenset[str]:
    """Return the packages whose classes of data an answer of a function may hold."""
    return frozenset({_OWN_PACKAGE, function.__module__.partition(".")[0]})


def guard(reader: Connection) -> None:
    """Let the program's end of a pipe take nothing but such data; a child that has inherited it reads as ever."""
    setattr(reader, "recv", partial(_receive, reader, reader.recv, os.getpid()))  # noqa: B010  # an instance's own


def _receive(reader: Connection, receive: Callable[[], Any], owner: int) -> Any:
    if os.getpid() != owner:
        return receive()
    data = reader.recv_bytes()
    try:
        return loads(data)
    except Exception as error:  # a pickle raises anything
        raise OSError("a child's message is not to be read") from error


def _is_error(name: str) -> bool:
    return isinstance(found := getattr(builtins, name, None), type) and issubclass(found, Exception)


def _kind_of_data(found: type) -> Any:
    if is_dataclass(found) and "__setstate__" in vars(found):  # frozen, with slots
        return found
    if issubclass(found, Enum | Exception):
        return partial(found)
    raise pickle.UnpicklingError("not a kind of data")


def _member(kind: object, name: str) -> Enum:
    if isinstance(kind, partial) and isinstance(kind.func, EnumType):
        member: Enum = kind.func[name]
        return member
    raise pickle.UnpicklingError("not an enumeration")
