"""Rich consoles, for the commands that show tables or progress."""

from rich.console import Console


def console(*, stderr: bool = False) -> Console:
    """Return a console that prints texts as they are, with colours on a terminal only."""
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)
