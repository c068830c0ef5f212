"""Parameter types that several actions share; fields are named as documented.

A class is named unlike the field that holds it, for one name cannot be both in a class body.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class MetaDataPair:
    """One pair that the result file carries."""

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
