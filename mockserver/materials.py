"""Materials, prepared once: decoded, their faces found, everything that a fusion reuses."""

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from mockserver.errors import ApiError
from mockserver.imaging.codec import Format, Pixels, decode_material, read_header
from mockserver.imaging.face import Box, FaceEngine
from mockserver.imaging.find import FaceThresholds, find_faces
from mockserver.imaging.fuse import Template, prepare
from mockserver.imaging.pool import FusePool
from mockserver.imaging.segments import Segments, encode_segments, segment_width
from mockserver.settings import Settings
from mockserver.state.accounts import DOCUMENTED_ID
from mockserver.state.models import Material
from mockserver.state.seed import SeedError

MAX_MATERIAL_BYTES = 20 * 1024 * 1024
MAX_SENT = 100  # pictures that were sent and are held in memory
SENT = Path("sent")  # where their paths begin; there is no such folder
MATERIALS_PATH = "/_mock/materials/"


@dataclass(frozen=True)
class PreparedMaterial:
    """A material's pixels RGB (h, w, 3), its alpha (h, w), and a template a face, largest first.

    `sha256` is that of the file.
    """

    sha256: str
    format: Format
    image: Pixels
    alpha: Pixels | None
    faces: tuple[Template, ...]
    segments: Segments | None  # a JPEG's, encoded already

    @property
    def name(self) -> str:
        """A file name that only those know who have the picture."""
        return f"{self.sha256}.{self.format}"


class NamedFace(NamedTuple):
    """A material's face: its id, and its box in whole pixels, as far as it is in the picture."""

    id: str
    x: int
    y: int
    width: int
    height: int


class GalleryFullError(Exception):
    """There is no room for another picture that was sent."""


class Gallery:
    """The prepared materials by file; those over the size limit are known, but not prepared.

    A file that has changed on disk is prepared anew when it is added again. Pictures that were
    sent have no file; their path is made of their hash, so each is prepared and held once.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._prepared: dict[Path, PreparedMaterial | None] = {}
        self._versions: dict[Path, tuple[int, int]] = {}

    def copy(self) -> "Gallery":
        """Return a gallery with the same pictures, which are shared."""
        other = Gallery(self._settings)
        other._prepared, other._versions = dict(self._prepared), dict(self._versions)
        return other

    async def add(self, material: Material, pool: FusePool) -> None:
        """Prepare a material's file unless it is. Raises SeedError when it has no usable face."""
        file = material.file
        if file.parent == SENT and file in self._prepared:
            return
        try:
            version = _version(file)
            if self._versions.get(file) == version:
                return
            data = await asyncio.to_thread(_read, file)
            self._prepared[file] = await self._prepare(data, pool)
            self._versions[file] = version
        except (ApiError, OSError) as error:
            reason = error.message("en-US") if isinstance(error, ApiError) else error.strerror
            raise SeedError(f"material {material.id}: {file}: {reason}") from None

    async def add_sent(self, data: bytes, pool: FusePool) -> Path:
        """Prepare a picture that was sent; return the path that names it from now on.

        Raises GalleryFullError, and ApiError of `prepare_material`, ImageSizeInvalid,
        FailedOperation.ImagePixelExceed.
        """
        if len(data) > MAX_MATERIAL_BYTES:
            raise ApiError("FailedOperation.ImageSizeInvalid")
        file = SENT / f"{hashlib.sha256(data).hexdigest()}.{read_header(data).format}"
        if file in self._prepared:
            return file
        prepared = await self._prepare(data, pool)
        if prepared is None:
            raise ApiError("FailedOperation.ImagePixelExceed")
        if sum(known.parent == SENT for known in self._prepared) >= MAX_SENT:
            raise GalleryFullError(f"{MAX_SENT} pictures are held; remove materials first")
        self._prepared[file] = prepared
        return file

    def keep(self, files: set[Path]) -> None:
        """Forget the pictures of all other files."""
        for file in self._prepared.keys() - files:
            del self._prepared[file]
            self._versions.pop(file, None)

    def find(self, material: Material) -> PreparedMaterial | None:
        """Return a prepared material; None when it is over the size limit."""
        return self._prepared[material.file]

    def get(self, material: Material) -> PreparedMaterial:
        """Return a prepared material. Raises ApiError FailedOperation.ImagePixelExceed."""
        prepared = self.find(material)
        if prepared is None:
            raise ApiError("FailedOperation.ImagePixelExceed")
        return prepared

    async def _prepare(self, data: bytes, pool: FusePool) -> PreparedMaterial | None:
        return await pool.run(lambda engine: prepare_material(data, engine, self._settings))


def face_ids(material_id: str, count: int) -> list[str]:
    """Return the ids of a material's faces, the largest first: `<activity>_<m>_<face>`."""
    match = DOCUMENTED_ID.fullmatch(material_id)
    stem = f"{match['activity']}_{match['m']}" if match else material_id
    return [f"{stem}_{number}" for number in range(1, count + 1)]


def named_faces(material_id: str, prepared: PreparedMaterial) -> list[NamedFace]:
    """Return a material's faces, the largest first."""
    height, width = prepared.image.shape[:2]
    names = face_ids(material_id, len(prepared.faces))
    return [
        _named(name, face.landmarks.box, width, height)
        for name, face in zip(names, prepared.faces, strict=True)
    ]


def _named(name: str, box: Box, width: int, height: int) -> NamedFace:
    left, top = max(0, round(box.x)), max(0, round(box.y))
    right, bottom = min(width, round(box.x + box.width)), min(height, round(box.y + box.height))
    return NamedFace(name, left, top, right - left, bottom - top)


def prepare_material(
    data: bytes, engine: FaceEngine, settings: Settings
) -> PreparedMaterial | None:
    """Prepare a material's file; None when it is over the size limit.

    Raises ApiError of `read_header` and `decode_material`, FailedOperation.FuseDetectNoFace.
    """
    header = read_header(data)
    if max(header.width, header.height) > settings.max_material_side:
        return None
    image, alpha = decode_material(data, header)
    faces = find_faces(engine, image, face_thresholds(settings))
    if not faces:
        raise ApiError("FailedOperation.FuseDetectNoFace")
    templates = tuple(prepare(image, face) for face in faces)
    segments = _encoded(image, settings) if header.format == "jpg" else None
    digest = hashlib.sha256(data).hexdigest()
    return PreparedMaterial(digest, header.format, image, alpha, templates, segments)


def _encoded(image: Pixels, settings: Settings) -> Segments:
    return encode_segments(image, settings.jpeg_quality, segment_width(image.shape[1]))


def _version(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_mtime_ns, found.st_size


def _read(file: Path) -> bytes:
    if file.stat().st_size > MAX_MATERIAL_BYTES:
        raise ApiError("FailedOperation.ImageSizeInvalid")
    return file.read_bytes()


def face_thresholds(settings: Settings) -> FaceThresholds:
    """Return the settings that decide what counts as a face."""
    return FaceThresholds(
        no_face_score=settings.no_face_score,
        weak_score=settings.weak_face_score,
        min_face=settings.min_face_side,
        max_roll=settings.max_roll_degrees,
        max_yaw=settings.max_yaw_degrees,
        max_pitch=settings.max_pitch_degrees,
        cut_share=settings.face_exceed_share,
        border_share=settings.face_border_share,
    )
