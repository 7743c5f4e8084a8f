"""Zip files as people and attackers make them, record by record.

The standard library cannot write most of these (other name encodings, encrypted or contradicting records),
so the few records of the format (PKWARE APPNOTE 6.3, sections 4.3 and 6.1) are written here.
"""

import struct
import unicodedata
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

STORED, DEFLATED = 0, 8
ENCRYPTED_FLAG, UTF8_FLAG = 0x1, 0x800
_TIME, _DATE = 0x6000, 0x5B74  # 20.11.2026 12:00, MS-DOS
_UNIX = 3 << 8
_LINK = 0o120777 << 16

Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Entry:
    """One member. `central_name` and `declared_size` are what the central directory says instead of the
    truth; `packed` replaces the compressed bytes.
    """

    name: bytes
    data: bytes
    flags: int = 0
    method: int = DEFLATED
    attributes: int = 0
    central_name: bytes | None = None
    declared_size: int | None = None
    packed: bytes | None = None

    def body(self) -> bytes:
        """Return the bytes that stand in the file."""
        if self.packed is not None:
            return self.packed
        if self.method == STORED:
            return self.data
        deflater = zlib.compressobj(6, zlib.DEFLATED, -15)
        return deflater.compress(self.data) + deflater.flush()


def entry(name: str, data: bytes) -> Entry:
    """Return a member whose name is in UTF-8, with the flag where it needs one."""
    return Entry(name.encode(), data, flags=0 if name.isascii() else UTF8_FLAG)


def build(entries: Sequence[Entry], comment: bytes = b"") -> bytes:
    """Return the zip file of the members in order."""
    local, central = bytearray(), bytearray()
    for each in entries:
        offset = len(local)
        body = each.body()
        common = struct.pack(
            "<HHHHHLLL",
            20,
            each.flags,
            each.method,
            _TIME,
            _DATE,
            zlib.crc32(each.data),
            len(body),
            len(each.data) if each.declared_size is None else each.declared_size,
        )
        local += b"PK\x03\x04" + common + struct.pack("<HH", len(each.name), 0) + each.name + body
        name = each.name if each.central_name is None else each.central_name
        central += b"PK\x01\x02" + struct.pack("<H", _UNIX | 20) + common
        central += struct.pack("<HHHHHLL", len(name), 0, 0, 0, 0, each.attributes, offset) + name
    count = len(entries)
    end = struct.pack("<HHHHLLH", 0, 0, count, count, len(central), len(local), len(comment))
    return bytes(local + central + b"PK\x05\x06" + end + comment)


def plain(files: Files) -> bytes:
    """Return a zip of the files as any current tool makes it."""
    return build([entry(name, data) for name, data in files.items()])


def named_in(files: Files, encoding: str) -> bytes:
    """Return a zip whose names are in that encoding, without the UTF-8 flag.

    `cp857` is what Windows writes in Turkey, `cp1254` some older tools, `utf-8` macOS.
    """
    return build([Entry(name.encode(encoding), data) for name, data in files.items()])


def decomposed(files: Files) -> bytes:
    """Return a zip whose names are decomposed (NFD) UTF-8 without the flag, as macOS writes them."""
    return named_in({unicodedata.normalize("NFD", name): data for name, data in files.items()}, "utf-8")


def cluttered(files: Files) -> bytes:
    """Return a zip with what macOS and Windows leave beside the files."""
    clutter = {
        "__MACOSX/._belge.pdf": b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        ",
        ".DS_Store": b"\x00\x00\x00\x01Bud1" + bytes(64),
        "Thumbs.db": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64),
    }
    return build([entry("belgeler/", b""), *(entry(*each) for each in {**files, **clutter}.items())])


def nested(files: Files, depth: int = 1) -> bytes:
    """Return a zip inside `depth` other zips."""
    data = plain(files)
    for level in range(depth):
        data = plain({f"belgeler{depth - level}.zip": data})
    return data


def encrypted(files: Files, password: bytes = b"gizli") -> bytes:
    """Return a zip that needs a password (traditional PKWARE encryption)."""
    members = []
    for name, data in files.items():
        sound = entry(name, data)
        head = bytes(11) + bytes([zlib.crc32(data) >> 24])
        packed = _encrypt(head + sound.body(), password)
        members.append(replace(sound, flags=sound.flags | ENCRYPTED_FLAG, packed=packed))
    return build(members)


def _encrypt(data: bytes, password: bytes) -> bytes:
    keys = (0x12345678, 0x23456789, 0x34567890)
    for byte in password:
        keys = _stir(keys, byte)
    found = bytearray()
    for byte in data:
        mask = (keys[2] | 2) & 0xFFFF
        found.append(byte ^ ((mask * (mask ^ 1) >> 8) & 0xFF))
        keys = _stir(keys, byte)
    return bytes(found)


def _stir(keys: tuple[int, int, int], byte: int) -> tuple[int, int, int]:
    first = _crc_step(keys[0], byte)
    second = ((keys[1] + (first & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
    return first, second, _crc_step(keys[2], second >> 24)


def _crc_step(crc: int, byte: int) -> int:
    return zlib.crc32(bytes([byte]), crc ^ 0xFFFFFFFF) ^ 0xFFFFFFFF


def traversal(files: Files) -> bytes:
    """Return a zip with a member that would land outside its folder."""
    return build([*(entry(*each) for each in files.items()), entry("../../disari.pdf", b"%PDF-1.4\n")])


def absolute(files: Files) -> bytes:
    """Return a zip with a member that names an absolute path."""
    return build(
        [*(entry(*each) for each in files.items()), entry("/etc/cron.d/is", b"* * * * * root true\n")]
    )


def drive(files: Files) -> bytes:
    """Return a zip with a member that names a Windows drive."""
    return build([*(entry(*each) for each in files.items()), entry("C:\\Windows\\belge.pdf", b"%PDF-1.4\n")])


def link(files: Files) -> bytes:
    """Return a zip with a symbolic link."""
    pointer = replace(entry("belge-kopya.pdf", b"/etc/passwd"), attributes=_LINK)
    return build([*(entry(*each) for each in files.items()), pointer])


def duplicates(files: Files) -> bytes:
    """Return a zip that has its first member's name twice, with other contents."""
    name = next(iter(files))
    return build([*(entry(*each) for each in files.items()), entry(name, b"%PDF-1.4\n% another\n")])


def disagreeing(files: Files) -> bytes:
    """Return a zip whose central directory names its first member otherwise than its local header."""
    first, *others = (entry(*each) for each in files.items())
    return build([replace(first, central_name=b"x" * len(first.name)), *others])


def overlapping(files: Files) -> bytes:
    """Return a zip one of whose members lies inside the bytes of another; every record is sound by itself."""
    inner = build([entry("ic.pdf", b"%PDF-1.4\n% inner\n")])
    start, end = inner.index(b"PK\x01\x02"), inner.index(b"PK\x05\x06")
    outer = build(
        [*(entry(*each) for each in files.items()), Entry(b"dis.pdf", inner[:start], method=STORED)]
    )
    finish = outer.rindex(b"PK\x05\x06")
    size, offset = struct.unpack("<LL", outer[finish + 12 : finish + 20])
    place = struct.pack("<L", offset - start)
    central = inner[start : start + 42] + place + inner[start + 46 : end]
    counts = struct.pack("<HH", len(files) + 2, len(files) + 2)
    tail = b"PK\x05\x06" + bytes(4) + counts + struct.pack("<LLH", size + len(central), offset, 0)
    return outer[:finish] + central + tail


def truncated(files: Files, keep: float = 0.6) -> bytes:
    """Return the first part of a zip, as a broken upload leaves it."""
    whole = plain(files)
    return whole[: int(len(whole) * keep)]


def wrong_checksum(files: Files) -> bytes:
    """Return a zip whose first member does not have the content that its checksum promises."""
    first, *others = (replace(entry(*each), method=STORED) for each in files.items())
    spoiled = first.data[:-1] + bytes([first.data[-1] ^ 1])
    return build([replace(first, packed=spoiled), *others])


def bomb(megabytes: int = 32) -> bytes:
    """Return a zip of a few kB that grows to so many MB."""
    return plain({"belge.pdf": b"%PDF-1.4\n" + bytes(megabytes * 1024 * 1024)})


def many(count: int = 5000) -> bytes:
    """Return a zip of so many members."""
    return build([entry(f"{number}.txt", b"") for number in range(count)])


def lying_size(files: Files) -> bytes:
    """Return a zip that declares its first member smaller than it is."""
    first, *others = (entry(*each) for each in files.items())
    return build([replace(first, declared_size=10), *others])


def empty() -> bytes:
    """Return a zip without members."""
    return build([])


def only_folders() -> bytes:
    """Return a zip of two folders."""
    return build([entry("belgeler/", b""), entry("belgeler/sgk/", b"")])


NOT_ZIP = {
    "RAR": b"Rar!\x1a\x07\x01\x00" + bytes(range(256)),
    "7z": b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(range(256)),
    "PDF": b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n",
    "gzip": b"\x1f\x8b\x08\x00" + bytes(range(256)),
    "empty": b"",
}
"""Contents that are renamed to .zip, by what they are."""

UNSAFE: Mapping[str, Callable[[Files], bytes]] = {
    "traversal": traversal,
    "absolute": absolute,
    "drive": drive,
    "link": link,
    "duplicates": duplicates,
    "disagreeing": disagreeing,
    "overlapping": overlapping,
}
"""Makers of archives that must be refused as ARCHIVE_UNSAFE."""

HONEST: Mapping[str, Callable[[Files], bytes]] = {
    "plain": plain,
    "cp857": lambda files: named_in(files, "cp857"),
    "cp1254": lambda files: named_in(files, "cp1254"),
    "utf-8 without flag": lambda files: named_in(files, "utf-8"),
    "decomposed": decomposed,
    "cluttered": cluttered,
    "nested": nested,
}
"""Makers of archives that must be read, whatever their names are encoded in."""
