"""What is drawn over a picture: boxes with ids, and landmarks, as parts of an SVG."""

from dataclasses import dataclass

from mockserver.imaging.face import Points
from mockserver.materials import NamedFace, PreparedMaterial, named_faces


@dataclass(frozen=True)
class Overlay:
    """A drawing in pixels of a picture of this size: boxes with ids, and dots as an SVG path."""

    width: int
    height: int
    boxes: tuple[NamedFace, ...] = ()
    dots: str = ""


def of_faces(material_id: str, prepared: PreparedMaterial) -> Overlay:
    """Return the boxes of a material's faces with their ids."""
    height, width = prepared.image.shape[:2]
    return Overlay(width, height, tuple(named_faces(material_id, prepared)))


def of_points(width: int, height: int, points: Points) -> Overlay:
    """Return landmarks (n, 2) as strokes so short that their round ends make them dots."""
    return Overlay(width, height, dots="".join(f"M{x:.1f} {y:.1f}h.01" for x, y in points))
