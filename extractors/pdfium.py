"""PDFium's C functions, as the binding has them and as quick calls with plain integers."""

import ctypes
from collections.abc import Callable
from typing import Any

import pypdfium2.raw

pdfium: Any = pypdfium2.raw
"""PDFium's C functions; the binding carries no types, and handles of pages and objects are opaque pointers."""
HANDLE, INT = ctypes.c_void_p, ctypes.c_int
"""Types of a handle or an address, and of a number or a truth value."""


def quick_function(name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
    """Return one of PDFium's functions with plain integers for handles and addresses.

    PDFium is not safe for threads, so nothing is lost by keeping Python's lock during the call. Raises AttributeError
    for a name that PDFium does not have.
    """
    address = ctypes.cast(getattr(pdfium, name), ctypes.c_void_p).value
    if address is None:
        raise AttributeError(name)
    return ctypes.PYFUNCTYPE(result, *arguments)(address)
