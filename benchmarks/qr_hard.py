"""Hard pictures of QR codes, drawn by the benchmark itself: what cameras, scanners and copiers do to a paper.

Everything comes from one seed, so that every run sees the same pictures. `KINDS` names the ways in which a picture
is hard; `draw` makes one picture of a kind. None of them was used to choose a step of the ladder by its number in
the table alone: a step has to add on photographs as well.
"""

import io
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import cv2
import numpy as np
import segno
from numpy.typing import NDArray

Grey: TypeAlias = NDArray[np.uint8]
Real: TypeAlias = NDArray[np.float32]
Chance: TypeAlias = np.random.Generator

_MM = 25.4


def payload(chance: Chance) -> str:
    """Return a payload in the form of an e-Devlet paper, with invented numbers."""
    barcode = "".join(chance.choice(list("0123456789abcdef"), 16))
    return f"barkod:hd{barcode};tckn:10000000146;"


def symbol(text: str, module: int, chance: Chance) -> Real:
    """Return a code with its quiet zone, of `module` pixels a module, at a random correction level."""
    code: Any = segno.make(
        text, micro=False, error=str(chance.choice(["L", "M", "M", "Q"])), boost_error=False
    )
    file = io.BytesIO()
    code.save(file, kind="png", scale=1, border=4)
    small = cv2.imdecode(np.frombuffer(file.getvalue(), dtype=np.uint8), cv2.IMREAD_GRAYSCALE)
    assert small is not None
    return np.kron(small, np.ones((module, module))).astype(np.float32)


def paper(text: str, chance: Chance, dpi: int, millimetres: float) -> Real:
    """Return a quarter page at `dpi` with lines of type, rules and a code of that size."""
    height, width = round(140 / _MM * dpi), round(105 / _MM * dpi)
    canvas = np.full((height, width), 255, np.uint8)
    scale = dpi / 150
    for row in range(8, 60):
        words = "".join(chance.choice(list("abcdefghijklmnoprstu 0123456789"), 48))
        cv2.putText(
            canvas,
            words,
            (8, int(row * 14 * scale)),
            cv2.FONT_HERSHEY_SIMPLEX,
            0.38 * scale,
            0,
            1,
            cv2.LINE_AA,
        )
    sheet = canvas.astype(np.float32)
    code = symbol(text, 8, chance)
    side = max(20, round(millimetres / _MM * dpi * code.shape[0] / (code.shape[0] - 64)))
    small = cv2.resize(code, (side, side), interpolation=cv2.INTER_AREA)
    x, y = (int(chance.integers(0, edge - side)) for edge in (width, height))
    sheet[y : y + side, x : x + side] = small
    return sheet


def blurred(image: Real, sigma: float) -> Real:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.float32)


def noisy(image: Real, chance: Chance, sigma: float) -> Real:
    return image + chance.normal(0, sigma, image.shape).astype(np.float32)


def pixels(image: Real) -> Grey:
    return np.clip(image, 0, 255).astype(np.uint8)


def jpeg(image: Real, quality: int) -> Grey:
    _, data = cv2.imencode(".jpg", pixels(image), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)


def turned(image: Real, degrees: float, ground: float) -> Real:
    height, width = image.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return np.asarray(
        cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=ground), np.float32
    )


def seen_from_aside(image: Real, chance: Chance, amount: float, ground: float = 90) -> Real:
    """Return the picture as a plane seen at a slant: every corner moved by up to `amount` of the side."""
    height, width = image.shape
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    moved = corners * 0.8 + np.array((width, height), np.float32) * 0.1
    moved += chance.uniform(-amount, amount, (4, 2)).astype(np.float32) * (width, height)
    matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    return np.asarray(cv2.warpPerspective(image, matrix, (width, height), borderValue=ground), np.float32)


def shaded(image: Real, chance: Chance, depth: float) -> Real:
    """Return the picture under uneven light: a slanting ramp and one round shadow."""
    height, width = image.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = chance.uniform(0, 2 * np.pi)
    ramp = np.cos(angle) * x / width + np.sin(angle) * y / height
    spot = np.hypot(x - chance.uniform(0, width), y - chance.uniform(0, height)) / max(height, width)
    light = 1 - depth * (0.6 * (ramp - ramp.min()) / np.ptp(ramp) + 0.4 * np.exp(-((spot / 0.35) ** 2)))
    return np.asarray(image * light, np.float32)


def small_scan(text: str, chance: Chance) -> Grey:
    sheet = paper(text, chance, int(chance.choice([75, 75, 100, 150])), chance.uniform(12, 22))
    sheet = blurred(turned(sheet, chance.uniform(-5, 5), 255), chance.uniform(0.4, 0.9))
    return jpeg(noisy(sheet, chance, chance.uniform(2, 8)), int(chance.integers(15, 41)))


def shaded_scan(text: str, chance: Chance) -> Grey:
    sheet = paper(text, chance, int(chance.choice([75, 100, 150])), chance.uniform(12, 22))
    sheet = shaded(blurred(sheet, chance.uniform(0.4, 0.9)), chance, chance.uniform(0.4, 0.8))
    return jpeg(noisy(sheet, chance, 4), int(chance.integers(20, 60)))


def fax(text: str, chance: Chance) -> Grey:
    """Fine mode (about 200 dots an inch) and coarser, one bit."""
    sheet = turned(
        paper(text, chance, int(chance.choice([100, 150, 200])), chance.uniform(12, 22)),
        chance.uniform(-3, 3),
        255,
    )
    grey = noisy(blurred(sheet, chance.uniform(0.6, 1.1)), chance, 12)
    return np.where(grey > chance.uniform(100, 170), 255, 0).astype(np.uint8)


def photocopy(text: str, chance: Chance) -> Grey:
    """Contrast driven up twice, strokes grown or thinned, specks."""
    sheet = paper(text, chance, int(chance.choice([100, 150, 200])), chance.uniform(12, 22))
    grow = cv2.erode if chance.random() < 0.6 else cv2.dilate
    sheet = np.asarray(grow(blurred(sheet, 0.9), np.ones((2, 2))), np.float32)
    sheet = 128 + (blurred(sheet, 0.8) - 128) * chance.uniform(2, 4)
    specks = chance.random(sheet.shape) < 0.004
    return jpeg(np.where(specks, 0, sheet.clip(0, 255)).astype(np.float32), 50)


def _photo(text: str, chance: Chance, low: float = 3, high: float = 6) -> Real:
    """Return part of a paper around a code of so many pixels a module."""
    code = symbol(text, 12, chance)
    ground = np.full((code.shape[0] * 2, code.shape[1] * 2), 235, np.float32)
    y, x = (int(code.shape[0] * chance.uniform(0.25, 0.75)) for _ in range(2))
    ground[y : y + code.shape[0], x : x + code.shape[1]] = 20 + code * 0.84
    factor = chance.uniform(low, high) / 12
    return np.asarray(
        cv2.resize(ground, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.float32
    )


def perspective(text: str, chance: Chance) -> Grey:
    slanted = seen_from_aside(_photo(text, chance, 2.5, 5), chance, 0.2)
    return jpeg(noisy(blurred(slanted, 0.7), chance, 5), 70)


def motion(text: str, chance: Chance) -> Grey:
    photo = _photo(text, chance, 4, 7)
    length = int(chance.integers(6, 13))
    kernel = np.zeros((length, length), np.float32)
    kernel[length // 2] = 1
    spin = cv2.getRotationMatrix2D(((length - 1) / 2, (length - 1) / 2), chance.uniform(0, 180), 1)
    kernel = np.asarray(cv2.warpAffine(kernel, spin, (length, length)), np.float32)
    moved = cv2.filter2D(turned(photo, chance.uniform(-20, 20), 235), -1, kernel / kernel.sum())
    return jpeg(noisy(np.asarray(moved, np.float32), chance, 4), 75)


def glare(text: str, chance: Chance) -> Grey:
    photo = seen_from_aside(_photo(text, chance), chance, 0.06)
    height, width = photo.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    for _ in range(int(chance.integers(1, 4))):
        cx, cy, spread = (
            chance.uniform(0, width),
            chance.uniform(0, height),
            chance.uniform(0.06, 0.22) * width,
        )
        photo += chance.uniform(120, 260) * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * spread**2)).astype(
            np.float32
        )
    return jpeg(noisy(blurred(photo, 0.6), chance, 4), 75)


def moire(text: str, chance: Chance) -> Grey:
    """A screen photographed: its lattice beats with the camera's."""
    photo = turned(_photo(text, chance, 3, 6), chance.uniform(-12, 12), 235)
    y, x = np.mgrid[0 : photo.shape[0], 0 : photo.shape[1]].astype(np.float32)
    for _ in range(2):
        period, angle = chance.uniform(2.2, 9), chance.uniform(0, np.pi)
        wave = np.sin(2 * np.pi * (np.cos(angle) * x + np.sin(angle) * y) / period)
        photo = photo * (1 - chance.uniform(0.3, 0.6) * (0.5 + 0.5 * wave))
    return jpeg(noisy(blurred(photo, 0.6), chance, 6), 60)


def faint(text: str, chance: Chance) -> Grey:
    photo = turned(_photo(text, chance), chance.uniform(-10, 10), 235)
    level, contrast = chance.uniform(30, 200), chance.uniform(0.03, 0.1)
    return jpeg(noisy(level + photo * contrast, chance, chance.uniform(1, 4)), 85)


def dark(text: str, chance: Chance) -> Grey:
    photo = shaded(_photo(text, chance, 4, 7), chance, 0.7) * chance.uniform(0.08, 0.25)
    return jpeg(noisy(photo, chance, chance.uniform(3, 8)), 80)


def inverted(text: str, chance: Chance) -> Grey:
    photo = 255 - seen_from_aside(_photo(text, chance), chance, 0.07)
    return jpeg(noisy(shaded(blurred(photo, 0.8), chance, 0.5), chance, 5), 60)


def mirrored(text: str, chance: Chance) -> Grey:
    photo = seen_from_aside(_photo(text, chance), chance, 0.1)[:, ::-1]
    return jpeg(noisy(blurred(turned(photo, chance.uniform(0, 360), 90), 0.8), chance, 6), 60)


def damaged(text: str, chance: Chance) -> Grey:
    """Scratches, a stain and a torn corner that is not one of the three marked ones."""
    photo = _photo(text, chance, 4, 7)
    side = min(photo.shape)
    for _ in range(int(chance.integers(2, 6))):
        ends = chance.integers(0, side, 4)
        ink = float(chance.choice([20, 235]))
        cv2.line(photo, tuple(map(int, ends[:2])), tuple(map(int, ends[2:])), ink, int(chance.integers(1, 5)))
    spot = chance.integers(0, side, 2)
    cv2.circle(photo, tuple(map(int, spot)), int(side * chance.uniform(0.02, 0.06)), 128, -1)
    return jpeg(noisy(blurred(turned(photo, chance.uniform(-30, 30), 235), 0.7), chance, 5), 60)


def folded(text: str, chance: Chance) -> Grey:
    """A crumpled paper or cloth: the grid waves by up to a module."""
    photo = _photo(text, chance, 4, 7)
    height, width = photo.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    for _ in range(3):
        period, angle = chance.uniform(0.25, 0.9) * width, chance.uniform(0, np.pi)
        shift = (
            width
            * 0.0035
            * np.sin(2 * np.pi * (np.cos(angle) * x + np.sin(angle) * y) / period + chance.uniform(0, 6))
        )
        x, y = x + shift.astype(np.float32), y + (shift * chance.uniform(-1, 1)).astype(np.float32)
    bent = cv2.remap(photo, x, y, cv2.INTER_LINEAR, borderValue=235)
    return jpeg(noisy(shaded(np.asarray(bent, np.float32), chance, 0.4), chance, 5), 70)


def curled(text: str, chance: Chance) -> Grey:
    """A code round a cylinder, seen a little from above."""
    photo = _photo(text, chance, 4, 7)
    height, width = photo.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    u = (x / width - 0.5) * 2
    bend = np.arcsin(np.clip(u * 0.7, -1, 1)) / np.arcsin(0.7)
    across = ((bend / 2 + 0.5) * width).astype(np.float32)
    down = (y + chance.uniform(0.01, 0.05) * height * (1 - u**2)).astype(np.float32)
    bent = cv2.remap(photo, across, down, cv2.INTER_LINEAR, borderValue=90)
    return jpeg(noisy(blurred(np.asarray(bent, np.float32), 0.7), chance, 5), 70)


def far(text: str, chance: Chance) -> Grey:
    """A code of 1.3 to 2.4 pixels a module in a room."""
    code = _photo(text, chance, 1.3, 2.4)
    room = blurred(chance.uniform(0, 255, (60, 80)).astype(np.float32), 3)
    room = np.asarray(cv2.resize(128 + (room - room.mean()) * 3, (800, 600)), np.float32)
    y, x = (int(chance.integers(0, r - c)) for r, c in zip(room.shape, code.shape, strict=True))
    room[y : y + code.shape[0], x : x + code.shape[1]] = code
    return jpeg(noisy(blurred(room, chance.uniform(0.3, 0.8)), chance, 4), int(chance.integers(50, 85)))


KINDS: dict[str, Callable[[str, Chance], Grey]] = {
    kind.__name__: kind
    for kind in (
        small_scan, shaded_scan, fax, photocopy, perspective, motion, glare, moire, faint, dark, inverted,
        mirrored, damaged, folded, curled, far,
    )
}  # fmt: skip
"""Every way in which a picture is hard."""


def pictures(each: int, seed: int = 1) -> Iterator[tuple[str, str, Grey]]:
    """Yield `each` pictures of every kind: its kind, the payload in it, and the grey pixels."""
    for index, (kind, draw) in enumerate(KINDS.items()):
        for number in range(each):
            chance = np.random.default_rng((seed, index, number))
            text = payload(chance)
            yield kind, text, draw(text, chance)
