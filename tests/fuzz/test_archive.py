"""The archive walk, for any bytes: members that every reader sees alike, or a refusal."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.archive import ArchiveRefused, Limits, Member, list_members, read_member
from tests.extractors.archive.zips import PDF, STREAMED, UTF8, Item, build, descriptor, extra_field, zip_of
from tests.fuzz import seeds
from tests.fuzz.mutations import mutated_bytes
from tests.fuzz.profile import fuzzed

LIMITS = Limits(expanded_bytes=4 << 20, member_bytes=1 << 20)

numbers = st.sampled_from((0, 1, 8, 0x21, len(PDF), 0xFFFF, 0xFFFFFFFF)) | st.integers(0, 2000)
extras = st.binary(max_size=12) | st.builds(
    extra_field, st.sampled_from((1, 0x000A, 0x5455, 0x6375, 0x7075, 0x5355)), st.binary(max_size=24)
)
SHORT = ("flags", "method")
LONG = ("modified", "crc", "compressed", "size")
lies = st.fixed_dictionaries(
    {},
    optional={
        **{name: numbers.map(lambda number: number & 0xFFFF) for name in SHORT},
        **dict.fromkeys(LONG, numbers),
        "name": st.binary(max_size=12),
        "extra": extras,
    },
)
central_lies = st.builds(
    lambda fields, more: {**fields, **more},
    lies,
    st.fixed_dictionaries({}, optional={"offset": numbers, "comment": st.binary(max_size=9)}),
)


@st.composite
def items(draw: st.DrawFn) -> Item:
    """A member whose two records lie now and then."""
    item = Item(
        draw(st.sampled_from((b"a.pdf", b"b.pdf", b"x/", b"n.zip")) | st.binary(min_size=1, max_size=12)),
        draw(st.sampled_from((PDF, b"", zip_of({"n.pdf": PDF})))),
        method=draw(st.sampled_from((0, 8))),
        flags=draw(st.sampled_from((0, UTF8, STREAMED))),
        extra=draw(st.just(b"") | extras),
        gap=draw(st.just(b"") | st.binary(max_size=3)),
    )
    if item.flags & STREAMED:
        item.descriptor = descriptor(item, signature=draw(st.booleans()), wide=draw(st.booleans()))
        item.local = {"crc": 0, "compressed": 0, "size": 0}
    if draw(st.integers(0, 3)) == 0:
        item.local |= draw(lies)
    if draw(st.integers(0, 3)) == 0:
        item.central |= draw(central_lies)
    return item


archives = st.builds(
    lambda members, comment, before, end: build(members, comment=comment, before_end=before, **end),
    st.lists(items(), max_size=4),
    st.just(b"") | st.binary(max_size=30),
    st.just(b"") | st.binary(max_size=8),
    st.just({})
    | st.fixed_dictionaries({}, optional={"count": st.integers(0, 9), "offset": st.integers(0, 999)}),
)


@pytest.fixture(scope="session")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "evidence.zip"


def assert_sound(path: Path, data: bytes) -> None:
    """The archive is refused, or its members can be read and are those that Python's reader sees."""
    path.write_bytes(data)
    try:
        members = list_members(path, LIMITS)
    except ArchiveRefused:
        return
    for member in members:
        assert len(read_member(path, member.locator, LIMITS)) == member.size
        assert not {"..", ""} & set(member.path.split("/"))
    assert_seen_alike(path, data, members)


def assert_seen_alike(path: Path, data: bytes, members: tuple[Member, ...]) -> None:
    """A reader that does not judge gives the same bytes for every member, and has no other ones."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            seen = [archive.read(info) for info in infos]
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError):
        return  # it refuses other things: later versions of the format, names that are not UTF-8
    for member in members:
        if len(member.locator) == 1:
            assert seen[member.locator[0]] == read_member(path, member.locator, LIMITS)
    assert {member.locator[0] for member in members} <= set(range(len(infos)))


@fuzzed
@given(archives)
def test_records_that_lie(path: Path, data: bytes) -> None:
    assert_sound(path, data)


@fuzzed
@given(mutated_bytes(seeds.zips))
def test_archives_that_are_damaged(path: Path, data: bytes) -> None:
    assert_sound(path, data)


@fuzzed
@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda data: b"PK\x03\x04" + data))
def test_bytes_that_are_no_archive(path: Path, data: bytes) -> None:
    assert_sound(path, data)
