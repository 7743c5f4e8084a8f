"""A real S3 server for tests, spoken to over HTTP on the loopback, that keeps its objects in memory."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from storage.addresses import file_system


@dataclass(frozen=True)
class Bucket:
    """A bucket of this test."""

    name: str
    files: Any

    @property
    def url(self) -> str:
        """URL of the bucket."""
        return f"s3://{self.name}"

    def put(self, key: str, data: bytes) -> None:
        """Write an object, whatever its key looks like."""
        self.files.pipe_file(f"{self.name}/{key}", data)

    def upload(self, folder: Path, prefix: str) -> None:
        """Upload the folders of an inbox, the declaration of each last, as a writer must."""
        for path in sorted(folder.glob("*/*"), key=lambda path: path.name == "application.json"):
            self.put(f"{prefix}/{path.relative_to(folder)}", path.read_bytes())


@contextmanager
def s3_server(port: int = 0) -> Iterator[str]:
    """Run a server and yield its address. What was put into one is there in the next of this process."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def point_to(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process, and those that it starts, find S3 at an address, as AWS's own tools are told.

    File systems that were made before keep their address (`forget_file_systems`).
    """
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    told = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "invented",
        "AWS_SECRET_ACCESS_KEY": "invented, too",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_MAX_ATTEMPTS": "1",
    }
    for name, value in told.items():
        monkeypatch.setenv(name, value)


def forget_file_systems() -> None:
    """Let the next file system be made anew, for the address that the environment tells by then."""
    files, _ = file_system("s3://any")
    files.clear_instance_cache()


def new_bucket() -> Bucket:
    """Make an empty bucket on the server that the environment tells of."""
    name = f"test-{uuid.uuid4().hex}"
    files, _ = file_system(f"s3://{name}")
    files.call_s3(
        "create_bucket",
        Bucket=name,
        CreateBucketConfiguration={"LocationConstraint": "eu-central-1"},
    )
    return Bucket(name, files)
