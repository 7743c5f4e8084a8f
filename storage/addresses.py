"""File systems behind URLs, by fsspec: opened, asked, and their errors.

Credentials and endpoints are no business of kanit's settings: each file system takes them where its own tools do, S3
from `AWS_…` in the environment and from `~/.aws`.
"""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fsspec.core import url_to_fs

from storage.errors import AddressUnusable
from storage.settings import hide_passwords

_CREDENTIALS = re.compile(r"(?<=://)(?:[^:/@]*:.*|[^/@]*)@")
_QUERY = re.compile(r"\?.*", re.DOTALL)


def is_url(address: str) -> bool:
    """Return whether an address is a URL; anything else is a path on this machine."""
    return "://" in address


def has_password(url: str) -> bool:
    """Return whether a URL holds a password or another secret."""
    return hide_passwords(url) != url


def without_credentials(url: str) -> str:
    """Return a URL without user, password and parameters: the same place has one name, whoever asks for it."""
    return _QUERY.sub("", _CREDENTIALS.sub("", url)).rstrip("/")


def file_system(url: str) -> tuple[Any, str]:
    """Return the file system of an address, and the path in it.

    Nothing is asked of the network yet, and listings will not be remembered: others write there, too. Raises
    AddressUnusable when nothing here can open such an address.
    """
    try:
        files, path = url_to_fs(url, use_listings_cache=False)  # type: ignore[no-untyped-call]  # fsspec has no types
    except (ImportError, ValueError) as error:
        raise AddressUnusable(hide_passwords(url), str(error)) from None
    return files, path.rstrip("/")


@contextmanager
def as_os_errors() -> Iterator[None]:
    """Let every trouble of a file system out as an OSError that names its kind and no address.

    Stores have errors of their own, such as botocore's for missing credentials; and their texts quote addresses, in
    which file names stand.
    """
    try:
        yield
    except FileNotFoundError:
        raise FileNotFoundError(errno.ENOENT, "not found") from None
    except PermissionError:
        raise PermissionError(errno.EACCES, "access denied") from None
    except Exception as error:
        raise OSError(errno.EIO, _kind(error)) from None


def _kind(error: Exception) -> str:
    """Return the store's own code for an error where botocore was told one (`SlowDown`), else the error's type."""
    response = getattr(error.__cause__, "response", None)
    return str(response["Error"]["Code"]) if response else type(error).__name__
