"""Reading a code that lies on no plane: its grid is followed module by module and the symbol redrawn.

Folded paper, cloth, a cylinder: a decoder that samples a code along straight lines loses the modules between the
three marked corners. Here the code is laid out roughly and the grid bent into place, first by moving neighbourhoods
to where their modules are most clearly dark or light, then by the optical flow between the picture and a drawing of
what was read. What leaves this module is a clean drawing: a decoder still has to read it, so the error correction of
the code has the last word.
"""

from collections.abc import Iterator
from functools import cache
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.qr_decoders import Corners, Grey

_MODULE = 8
"""Pixels a module of the rough layout: enough for the flow to see a quarter of a module."""
_QUIET = 4
"""Modules of the quiet zone (ISO/IEC 18004, 6.3.8)."""
_SHIFTS = 3
"""Rounds in which neighbourhoods are moved."""
_FLOWS = 6
"""Rounds of reading, drawing and flow; of the codes that are read at all, nine of ten are after two."""
_SPAN = np.arange(-6, 7, 2)
"""Pixels by which a neighbourhood may move in a round: three quarters of a module. By a whole one it would be as
clear again, and wrong."""
_NEIGHBOURHOOD = 13
"""Modules a side of a neighbourhood: 9 and more do, below that chance finds clearer places than the right one."""
_SMOOTH = 3.0
"""Modules over which the moves are averaged."""
_SURE = 2.0
"""By how much a module of the fixed patterns outweighs one of the data."""
_STAY = 0.15
"""Grey levels that a pixel of moving has to gain."""
_REACH = (3.0, 1.0)
"""Modules over which the flow is averaged, in the first and in the last round: wide folds first, then detail."""
_LOCAL = 9
"""Modules a side of the neighbourhood that says what is dark: wider than a finder pattern."""
_FIT = 0.7
"""Part of the fixed patterns that must be right at first sight, else the corners are not those of a code."""
_UNKNOWN = 2

Real = NDArray[np.float32]
Bits = NDArray[np.uint8]


def redrawn(image: Grey, corners: Corners, version: int) -> Iterator[Grey]:
    """Yield clean drawings, better and better, of the code of that version (1 to 40) between four outer corners."""
    count = 17 + 4 * version
    fixed = fixed_patterns(version)
    layout = _levelled(_laid_out(image, corners, count), count)
    if _agreement(_sampled(layout, count), fixed) < _FIT:
        return
    bend = np.zeros((*layout.shape, 2), np.float32)
    for _ in range(_SHIFTS):
        bend += _shift(_bent(layout, bend), fixed)
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    for reach in np.linspace(*_REACH, _FLOWS).tolist():
        seen = _bent(layout, bend)
        levels = _sampled(seen, count)
        yield drawing(levels < 128)
        soft = cv2.GaussianBlur(seen, (0, 0), 0.2 * _MODULE)
        off = np.asarray(flow.calc(_guess(levels, fixed), soft, np.zeros_like(bend))).clip(-_MODULE, _MODULE)
        bend += cv2.GaussianBlur(off, (0, 0), reach * _MODULE)


def _bent(layout: Grey, bend: Real) -> Grey:
    """Return the layout as seen through a bent grid: each pixel from where `bend` (x, y) says."""
    y, x = np.mgrid[0 : layout.shape[0], 0 : layout.shape[1]].astype(np.float32)
    seen = cv2.remap(
        layout, x + bend[..., 0], y + bend[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(seen, np.uint8)


def _shift(seen: Grey, fixed: Bits) -> Real:
    """Return for every pixel how far its neighbourhood must move for its modules to be clearest."""
    count = len(fixed)
    wide = np.asarray(cv2.blur(seen, (5, 5)), np.float32) - 128
    moves = list(product(_SPAN.tolist(), _SPAN.tolist()))
    clear = [
        cv2.blur(
            _clearness(wide[np.ix_(_middles(count) + y, _middles(count) + x)], fixed), (_NEIGHBOURHOOD,) * 2
        )
        - _STAY * (abs(x) + abs(y))
        for x, y in moves
    ]
    best = np.array(moves, np.float32)[np.argmax(clear, axis=0)]
    smooth = np.asarray(cv2.GaussianBlur(best, (0, 0), _SMOOTH))
    padded = np.pad(smooth, ((_QUIET, _QUIET), (_QUIET, _QUIET), (0, 0)), mode="edge")
    return np.asarray(cv2.resize(padded, seen.shape, interpolation=cv2.INTER_LINEAR), np.float32)


def _clearness(levels: Real, fixed: Bits) -> Real:
    """Return how dark or light each module is (`levels` from -128 to 127), and how right where it is known."""
    right = np.where(fixed == 1, -levels, levels)
    return np.where(fixed == _UNKNOWN, np.abs(levels), _SURE * right)


def drawing(dark: NDArray[np.bool_]) -> Grey:
    """Return a symbol as pixels, four a module, with its quiet zone."""
    modules = np.pad(np.where(dark, 0, 255).astype(np.uint8), _QUIET, constant_values=255)
    return np.kron(modules, np.ones((4, 4), np.uint8))


def _laid_out(image: Grey, corners: Corners, count: int) -> Real:
    """Return the code as the plane through its corners shows it, `_MODULE` pixels a module."""
    low, high = _QUIET * _MODULE, (_QUIET + count) * _MODULE
    square = np.array([(low, low), (high, low), (high, high), (low, high)], np.float32)
    back = cv2.getPerspectiveTransform(square, corners.astype(np.float32))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    edge = high + low
    flat = cv2.warpPerspective(image, back, (edge, edge), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(flat, np.float32)


def _levelled(flat: Real, count: int) -> Grey:
    """Return the layout with shadows and contrast evened out; what lies outside the code has no say."""
    low, high = (_QUIET - 0.5) * _MODULE, (_QUIET + count + 0.5) * _MODULE
    inside = np.zeros_like(flat)
    inside[int(low) : int(high), int(low) : int(high)] = 1
    window = (_LOCAL * _MODULE, _LOCAL * _MODULE)
    weight = cv2.blur(inside, window) + 1e-3
    mean = cv2.blur(flat * inside, window) / weight
    spread = np.sqrt(np.maximum(cv2.blur(flat * flat * inside, window) / weight - mean * mean, 4))
    levels: Grey = np.clip(128 + (flat - mean) / spread * 80, 0, 255).astype(np.uint8)
    return levels


def _middles(count: int) -> NDArray[np.intp]:
    return (np.arange(count) + _QUIET) * _MODULE + _MODULE // 2


def _sampled(seen: Grey, count: int) -> Real:
    return np.asarray(cv2.blur(seen, (5, 5))[np.ix_(_middles(count), _middles(count))], np.float32)


def _agreement(levels: Real, fixed: Bits) -> float:
    known = fixed != _UNKNOWN
    return float(((levels < 128) == (fixed == 1))[known].mean())


def _guess(levels: Real, fixed: Bits) -> Grey:
    """Draw what the levels say, surer than they say it, and the fixed patterns as they must be."""
    sure = np.where(fixed == _UNKNOWN, ((levels - 128) * 2 + 128).clip(0, 255), np.where(fixed == 1, 0, 255))
    modules = np.pad(sure.astype(np.float32), _QUIET, constant_values=255)
    edge = modules.shape[0] * _MODULE
    drawn = cv2.resize(modules, (edge, edge), interpolation=cv2.INTER_NEAREST)
    soft = cv2.GaussianBlur(drawn, (0, 0), 0.15 * _MODULE)
    return np.asarray(soft).astype(np.uint8)


@cache
def fixed_patterns(version: int) -> Bits:
    """Return the modules that every code of a version has: 1 dark, 0 light, 2 where data stand (ISO/IEC 18004, 6.3)."""
    count = 17 + 4 * version
    pattern = np.full((count, count), _UNKNOWN, np.uint8)
    timing = (np.arange(8, count - 8) % 2 == 0).astype(np.uint8)
    pattern[6, 8:-8] = pattern[8:-8, 6] = timing
    finder = np.pad(_rings(7), ((0, 1), (0, 1)))
    pattern[:8, :8], pattern[:8, -8:], pattern[-8:, :8] = finder, finder[:, ::-1], finder[::-1]
    centres = _alignment_centres(version)
    finders = {(6, 6), (6, count - 7), (count - 7, 6)}
    for row, column in set(product(centres, centres)) - finders:
        pattern[row - 2 : row + 3, column - 2 : column + 3] = _rings(5)
    return pattern


def _rings(side: int) -> Bits:
    """Return a dark square with a light ring one module inside its edge."""
    square = np.ones((side, side), np.uint8)
    square[1:-1, 1:-1] = 0
    square[2:-2, 2:-2] = 1
    return square


def _alignment_centres(version: int) -> list[int]:
    """Return rows (and columns) on which alignment patterns are centred (ISO/IEC 18004, annex E)."""
    if version == 1:
        return []
    count = version // 7 + 2
    step = 26 if version == 32 else (version * 4 + count * 2 + 1) // (count * 2 - 2) * 2
    last = version * 4 + 10
    return [6, *sorted(last - i * step for i in range(count - 1))]
