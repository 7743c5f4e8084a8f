"""PDFium's C functions, as the binding has them and as quick calls with plain numbers.

A page has some thousand characters and objects, and a call through ctypes costs more than what PDFium does in it. So
such calls are made by `map`, write into one buffer, and leave the types of their arguments to the caller: looking each
of them up would take half of the time.
"""

import ctypes
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pypdfium2.raw
from numpy.typing import NDArray

pdfium: Any = pypdfium2.raw
"""PDFium's C functions; the binding carries no types, and handles of pages and objects are opaque pointers."""
HANDLE, INT = ctypes.c_void_p, ctypes.c_int
"""Types in which a quick function returns a handle, and a number or a truth value."""
pointer: Callable[[int | None], Any] = HANDLE.from_param
"""Make of a handle or an address what a quick function takes; without it a number is a C `int`, cut to 32 bits."""


def quick_function(name: str, result: Any) -> Callable[..., Any]:
    """Return one of PDFium's functions that takes numbers as C's `int`, and what `pointer` makes, unchecked.

    PDFium is not safe for threads, so nothing is lost by keeping Python's lock during the call. Raises AttributeError
    for a name that PDFium does not have.
    """
    address = ctypes.cast(getattr(pdfium, name), ctypes.c_void_p).value
    if address is None:
        raise AttributeError(name)
    return ctypes.PYFUNCTYPE(result)(address)


def handle_of(raw: Any) -> Any:
    """Return a handle of the binding as a quick function takes it."""
    return pointer(ctypes.cast(raw, HANDLE).value)


@dataclass(frozen=True, slots=True)
class Writer:
    """One of PDFium's functions that writes its answer through addresses, which are its last arguments.

    An answer is `width` numbers, which the addresses part evenly.
    """

    function: Callable[..., Any]
    numbers: type
    width: int
    addresses: int = 1

    def rows(self, *before: Sequence[Any]) -> NDArray[Any]:
        """Call the function with each element of `before`; return a row for each, zeros where nothing was written."""
        rows: NDArray[Any] = np.empty((len(before[-1]), self.width), dtype=self.numbers)
        step = rows.itemsize * self.width
        places = [_places(first, step) for first in range(0, step, step // self.addresses)]
        for start in range(0, len(rows), len(places[0])):
            part = slice(start, start + len(places[0]))
            _SCRATCH[:] = 0
            deque(map(self.function, *(some[part] for some in before), *places), maxlen=0)
            written = rows[part]
            written[:] = _SCRATCH[: written.nbytes].view(self.numbers).reshape(written.shape)
        return rows


_SCRATCH = np.zeros(32_768, np.uint8)
"""Where answers are written before they are copied: addresses in it need be made only once."""


@cache
def _places(first: int, step: int) -> tuple[Any, ...]:
    """Return an address in each row of the scratch."""
    start = _SCRATCH.ctypes.data
    return tuple(pointer(start + row * step + first) for row in range(len(_SCRATCH) // step))
