"""What is drawn over a picture: boxes with ids, and landmarks, as parts of an SVG."""

from collections.abc import Iterable
from dataclasses import dataclass

from mockserver.imaging.face import Box, Landmarks
from mockserver.materials import PreparedMaterial, face_ids


@dataclass(frozen=True)
class Overlay:
    """A drawing in pixels of a picture of this size: boxes by name, and dots as an SVG path."""

    width: int
    height: int
    boxes: tuple[tuple[str, Box], ...] = ()
    dots: str = ""


def of_material(material_id: str, prepared: PreparedMaterial, *, dotted: bool = False) -> Overlay:
    """Return the boxes of a material's faces with their ids, or their landmarks."""
    height, width = prepared.image.shape[:2]
    shapes = [face.landmarks for face in prepared.faces]
    if dotted:
        return Overlay(width, height, dots=_dots(shapes))
    names = face_ids(material_id, len(shapes))
    boxes = ((name, shape.box) for name, shape in zip(names, shapes, strict=True))
    return Overlay(width, height, tuple(boxes))


def of_landmarks(width: int, height: int, landmarks: Landmarks) -> Overlay:
    """Return one face's landmarks."""
    return Overlay(width, height, dots=_dots([landmarks]))


def _dots(shapes: Iterable[Landmarks]) -> str:
    """Return a path of strokes so short that their round ends make them dots."""
    return "".join(f"M{x:.1f} {y:.1f}h.01" for shape in shapes for x, y in shape.points)
