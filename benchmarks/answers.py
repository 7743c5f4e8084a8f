"""What the pipelines that kanit is compared with answer to an upload."""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found in one upload: pages read, texts of the codes, printed text."""

    pages: int = 0
    codes: frozenset[str] = frozenset()
    text: str = ""


def read_zip(path: Path, read_pdf: Callable[[bytes], Answer]) -> Answer:
    """Read every PDF of a zip, one after the other; a file that cannot be read counts for nothing."""
    try:
        with zipfile.ZipFile(path) as archive:
            found = [read_pdf(archive.read(name)) for name in archive.namelist() if name.endswith(".pdf")]
    except Exception:  # there is no plan for files that are not as they should be
        return Answer()
    codes = frozenset(code for each in found for code in each.codes)
    return Answer(sum(each.pages for each in found), codes, "\n".join(each.text for each in found))
