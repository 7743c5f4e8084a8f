"""Imported by the fork server before it starts children, and by nothing else: importing it changes the process.

The fork server is a process of its own, from which the children are forked with the readers already loaded.
"""

from contextlib import suppress
from multiprocessing import spawn

from extractors.sandbox import calls
from extractors.sandbox.child import silence, use_one_thread


def _leave_main_alone(_: str) -> None:
    """Do not run the program's main module again in a child, as multiprocessing would.

    The functions that children are asked for never live in it; it would cost the start of each child the
    program's imports, and with Prefect as main module those of Prefect.
    """


use_one_thread()
silence(1)
with suppress(OSError):  # without it, the children have a wall less
    calls.libseccomp()
spawn._fixup_main_from_name = _leave_main_alone  # type: ignore[attr-defined]  # noqa: SLF001  # no public switch
spawn._fixup_main_from_path = _leave_main_alone  # type: ignore[attr-defined]  # noqa: SLF001  # no public switch
