"""Materials, prepared once: decoded, their faces found, everything that a fusion reuses."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from mockserver.errors import ApiError
from mockserver.imaging.codec import Format, Pixels, decode_material, read_header
from mockserver.imaging.face import FaceEngine
from mockserver.imaging.find import FaceThresholds, find_faces
from mockserver.imaging.fuse import Template, prepare
from mockserver.imaging.pool import FusePool
from mockserver.settings import Settings
from mockserver.state.models import Material
from mockserver.state.seed import SeedError

MAX_MATERIAL_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True)
class PreparedMaterial:
    """A material's pixels BGR (h, w, 3), its alpha (h, w), and a template a face, largest first."""

    format: Format
    image: Pixels
    alpha: Pixels | None
    faces: tuple[Template, ...]


class Gallery:
    """The prepared materials by file; those over the size limit are known, but not prepared."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._prepared: dict[Path, PreparedMaterial | None] = {}

    async def add(self, material: Material, pool: FusePool) -> None:
        """Prepare a material's file unless it is. Raises SeedError when it has no usable face."""
        if material.file in self._prepared:
            return
        try:
            data = await asyncio.to_thread(_read, material.file)
            self._prepared[material.file] = await pool.run(
                lambda engine: prepare_material(data, engine, self._settings)
            )
        except (ApiError, OSError) as error:
            reason = error.message("en-US") if isinstance(error, ApiError) else error.strerror
            raise SeedError(f"material {material.id}: {material.file}: {reason}") from None

    def get(self, material: Material) -> PreparedMaterial:
        """Return a prepared material. Raises ApiError FailedOperation.ImagePixelExceed."""
        prepared = self._prepared[material.file]
        if prepared is None:
            raise ApiError("FailedOperation.ImagePixelExceed")
        return prepared


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
    return PreparedMaterial(header.format, image, alpha, templates)


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
