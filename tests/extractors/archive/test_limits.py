"""Uploads that would cost too much."""

import pytest

from extractors.archive import ArchiveRefused, Limits, read_member, walk
from tests.extractors.archive.zips import (
    PDF,
    Item,
    Upload,
    build,
    extra_field,
    refused,
    zip_of,
)


def test_the_size_of_the_upload_is_limited(upload: Upload) -> None:
    facts = refused(upload(zip_of({"a.pdf": PDF})), Limits(upload_bytes=100))
    assert facts == {"code": "ARCHIVE_LIMIT", "limit": "upload_bytes", "allowed": 100, "member": None}


def test_the_number_of_members_is_limited_nested_ones_too(upload: Upload) -> None:
    inner = zip_of({f"{i}.pdf": PDF for i in range(5)})
    archive = upload(zip_of({"a.zip": inner, "b.zip": inner}))
    assert len(walk(archive, Limits(members=12))) == 10
    assert refused(archive, Limits(members=11))["limit"] == "members"
    assert refused(archive, Limits(members=4)) == {
        "code": "ARCHIVE_LIMIT",
        "limit": "members",
        "allowed": 4,
        "member": "1",
    }


def test_the_size_of_one_member_and_of_all_is_limited(upload: Upload) -> None:
    archive = upload(zip_of({"a.pdf": PDF + bytes(1000), "n.zip": zip_of({"b.pdf": PDF + bytes(3000)})}))
    assert refused(archive, Limits(member_bytes=2000))["member"] == "2/1"
    assert refused(archive, Limits(expanded_bytes=3500))["limit"] == "expanded_bytes"
    with pytest.raises(ArchiveRefused):
        read_member(archive, (1, 0), Limits(member_bytes=2000))


def test_a_bomb_is_refused_by_its_expansion_before_it_is_inflated(upload: Upload) -> None:
    bomb = upload(zip_of({f"{i}.pdf": bytes(4 << 20) for i in range(8)}))
    assert refused(bomb)["limit"] == "ratio"


def test_the_directory_is_limited(upload: Upload) -> None:
    items = [Item(f"{i}.pdf".encode(), extra=extra_field(9, bytes(9000))) for i in range(3)]
    assert refused(upload(build(items)), Limits(directory_bytes=20_000))["limit"] == "directory_bytes"


def test_a_member_that_declares_less_than_it_holds_is_not_inflated_further(upload: Upload) -> None:
    bomb = Item(data=bytes(50 << 20), local={"size": 100}, central={"size": 100})
    assert refused(upload(build([bomb]))) == {"code": "ARCHIVE_DAMAGED", "reason": "size", "member": "1"}
