"""Parameter types that several actions share; fields are named as documented.

A class is named unlike the field that holds it, for one name cannot be both in a class body.
"""

from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class MetaDataPair:
    """One pair that the result file carries."""

    MAY_STAND_ALONE: ClassVar[bool] = True  # the documentation shows a list, and one alone

    MetaKey: str
    MetaValue: str


@dataclass(frozen=True, kw_only=True)
class ImageCodecParams:
    """How the result is encoded."""

    MetaData: list[MetaDataPair] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class FuseParams:
    """Parameters of the fusion."""

    ImageCodecParam: ImageCodecParams = field(default_factory=ImageCodecParams)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Keys and values for the result file."""
        return [(item.MetaKey, item.MetaValue) for item in self.ImageCodecParam.MetaData]


@dataclass(frozen=True, kw_only=True)
class FaceRect:
    """A rectangle in a picture, in pixels, origin top-left."""

    X: int
    Y: int
    Width: int
    Height: int


@dataclass(frozen=True, kw_only=True)
class MergeInfo:
    """A user's picture, which of its faces is meant, and which of the material's it replaces."""

    Image: str | None = None
    Url: str | None = None
    InputImageFaceRect: FaceRect | None = None
    TemplateFaceID: str | None = None
