"""An uploaded file for the tests of archives."""

from pathlib import Path

import pytest

from tests.extractors.archive.zips import Upload


@pytest.fixture
def upload(tmp_path: Path) -> Upload:
    """Write bytes as an uploaded file and return its path."""

    def write(data: bytes) -> Path:
        path = tmp_path / "evidence.zip"
        path.write_bytes(data)
        return path

    return write
