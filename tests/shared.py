"""The shared corpora that lie beside a developer's checkout: real photographs, odd zips, PDFs, images.

They are never part of the project; tests on them skip where they are absent.
"""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"

needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the shared corpora are not beside this checkout"
)
