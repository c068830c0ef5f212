"""The pictures of a run, made from fixtures/: a material and many different user pictures."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from mockserver.imaging.codec import Pixels

FIXTURES = Path(__file__).parents[1] / "fixtures"
PROJECT, LIMITED_PROJECT = "100646", "100650"
MATERIAL, LIMITED_MATERIAL = "qc_100646_1_1", "qc_100650_1_1"

_BASES = ("astronaut", "morph_hopper_astronaut", "hopper", "astronaut_sidelight")
_MATERIAL_SIDE = 1080
_PIXELS = 1_000_000
_FILE_BYTES = 220_000
_QUALITIES = range(96, 60, -3)

_SEED = f"""\
accounts:
  - projects:
      - id: "{PROJECT}"
        rate: 1000000
        materials: [{{id: {MATERIAL}, file: material.jpg}}]
      - id: "{LIMITED_PROJECT}"
        materials: [{{id: {LIMITED_MATERIAL}, file: material.jpg}}]
"""


def make_seed(folder: Path) -> Path:
    """Write a material of 1080x1080 and a seed: a project without and one with a rate limit."""
    source = cv2.imread(str(FIXTURES / "materials" / "oversize_1200.jpg"))
    assert source is not None
    side = (_MATERIAL_SIDE, _MATERIAL_SIDE)
    scaled = cv2.resize(source, side, interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(folder / "material.jpg"), scaled, (cv2.IMWRITE_JPEG_QUALITY, 95))
    seed = folder / "seed.yaml"
    seed.write_text(_SEED, "utf-8")
    return seed


def make_users(folder: Path, count: int) -> list[Path]:
    """Write `count` user pictures, each of other pixels than all others."""
    folder.mkdir(parents=True)
    files = [folder / f"{number:05}.jpg" for number in range(count)]
    with ThreadPoolExecutor() as threads:
        for file, data in zip(files, threads.map(_user, range(count)), strict=True):
            file.write_bytes(data)
    return files


def _user(number: int) -> bytes:
    """A picture of about 1 Mpx and 220 KB; the same number gives the same bytes."""
    chance = np.random.default_rng(number)
    base = cv2.imread(str(FIXTURES / "users" / f"{_BASES[number % len(_BASES)]}.jpg"))
    assert base is not None
    height, width = base.shape[:2]
    cut = (chance.uniform(0, 0.06, 4) * (height, height, width, width)).astype(int)
    part = base[cut[0] : height - cut[1], cut[2] : width - cut[3]]
    factor = (_PIXELS / (part.shape[0] * part.shape[1])) ** 0.5
    scaled = cv2.resize(part, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    lit = cv2.convertScaleAbs(scaled, alpha=chance.uniform(0.85, 1.1))
    noise = chance.integers(-3, 4, lit.shape, np.int16)
    return _encoded((lit + noise).clip(0, 255).astype(np.uint8))


def _encoded(image: Pixels) -> bytes:
    """The JPEG of the best quality that is not larger than wanted."""
    data = b""
    for quality in _QUALITIES:
        data = cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, quality))[1].tobytes()
        if len(data) <= _FILE_BYTES:
            break
    return data
