"""What is drawn over a picture: boxes with ids, and landmarks, as parts of an SVG."""

from collections.abc import Iterable
from dataclasses import dataclass

from mockserver.imaging.face import Landmarks
from mockserver.materials import NamedFace, PreparedMaterial, named_faces


@dataclass(frozen=True)
class Overlay:
    """A drawing in pixels of a picture of this size: boxes with ids, and dots as an SVG path."""

    width: int
    height: int
    boxes: tuple[NamedFace, ...] = ()
    dots: str = ""


def of_material(material_id: str, prepared: PreparedMaterial, *, dotted: bool = False) -> Overlay:
    """Return the boxes of a material's faces with their ids, or their landmarks."""
    height, width = prepared.image.shape[:2]
    if dotted:
        return Overlay(width, height, dots=_dots([face.landmarks for face in prepared.faces]))
    return Overlay(width, height, tuple(named_faces(material_id, prepared)))


def of_landmarks(width: int, height: int, landmarks: Landmarks) -> Overlay:
    """Return one face's landmarks."""
    return Overlay(width, height, dots=_dots([landmarks]))


def _dots(shapes: Iterable[Landmarks]) -> str:
    """Return a path of strokes so short that their round ends make them dots."""
    return "".join(f"M{x:.1f} {y:.1f}h.01" for shape in shapes for x, y in shape.points)
