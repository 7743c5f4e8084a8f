"""Data that inflates to far more than it takes."""

import zlib

MIB = 1 << 20


def deflated(piece: bytes, times: int = 1) -> bytes:
    """A piece so many times over, compressed without being held."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(piece) for _ in range(times)) + packer.flush()
