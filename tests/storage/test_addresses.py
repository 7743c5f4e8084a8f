import importlib

import pytest

from storage.addresses import as_os_errors, has_password

# By name, since neither has types.
botocore = importlib.import_module("botocore.exceptions")
s3fs = importlib.import_module("s3fs.errors")
KEY = "inbox/A-1/10000000146.zip"


@pytest.mark.parametrize(
    ("code", "kind", "told"),
    [
        ("NoSuchKey", FileNotFoundError, "not found"),
        ("AccessDenied", PermissionError, "access denied"),
        ("SlowDown", OSError, "SlowDown"),
    ],
)
def test_a_store_s_errors_tell_their_kind_and_no_names(code: str, kind: type[OSError], told: str) -> None:
    error = botocore.ClientError({"Error": {"Code": code, "Message": KEY}}, "GetObject")
    with pytest.raises(kind, match=told) as failure, as_os_errors():
        raise s3fs.translate_boto_error(error)
    assert KEY not in str(failure.value)
    assert failure.value.__cause__ is None


def test_errors_that_are_none_of_the_system_s_become_such() -> None:
    with pytest.raises(OSError, match="NoCredentialsError"), as_os_errors():
        raise botocore.NoCredentialsError


@pytest.mark.parametrize(
    ("url", "holds"),
    [
        ("s3://bucket/inbox", False),
        ("sftp://portal@host/in:b@x", False),
        ("sftp://portal:geheim@host/inbox", True),
        ("abfs://inbox?account_key=geheim", True),
    ],
)
def test_a_password_in_an_address_is_seen(url: str, holds: bool) -> None:
    assert has_password(url) is holds
