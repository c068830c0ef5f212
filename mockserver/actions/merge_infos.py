"""MergeInfos: whose face goes onto which of the material's."""

from collections.abc import Sequence

from mockserver.actions.types import MergeInfo
from mockserver.errors import ApiError
from mockserver.fusing import Merge
from mockserver.imaging.face import Box

MAX_MERGE_INFOS = 3  # documented for 2018-12-01
MIN_RECT_SIDE = 30  # pixels, documented


def check_merge_infos(infos: Sequence[MergeInfo]) -> None:
    """Check what needs neither material nor picture.

    Raises ApiError InvalidParameterValue.ParameterValueError for none or too many (inferred),
    InvalidParameterValue.FaceRectParameterValueError for a rectangle that is too small
    (documented) or begins outside of every picture (inferred).
    """
    if not 1 <= len(infos) <= MAX_MERGE_INFOS:
        raise ApiError("InvalidParameterValue.ParameterValueError")
    rects = [info.InputImageFaceRect for info in infos if info.InputImageFaceRect]
    if any(
        min(rect.X, rect.Y) < 0 or min(rect.Width, rect.Height) < MIN_RECT_SIDE for rect in rects
    ):
        raise ApiError("InvalidParameterValue.FaceRectParameterValueError")


def merges(infos: Sequence[MergeInfo], face_ids: Sequence[str]) -> list[Merge]:
    """Return what to merge with what; `face_ids` are the material's, the largest face first.

    Raises ApiError as `choose_faces`.
    """
    faces = choose_faces([info.TemplateFaceID for info in infos], face_ids)
    return [Merge(_rect(info), face) for info, face in zip(infos, faces, strict=True)]


def choose_faces(wanted: Sequence[str | None], face_ids: Sequence[str]) -> list[int]:
    """Return the number of the material's face for each TemplateFaceID.

    One that is absent or empty means the largest face (documented) that is still free (inferred).
    Raises ApiError FailedOperation.TemplateFaceIDNotExist for an unknown id, and when there are
    more pictures than faces; InvalidParameterValue.ParameterValueError for an id that stands
    twice (both inferred).
    """
    named = [name for name in wanted if name]
    if len(set(named)) < len(named):
        raise ApiError("InvalidParameterValue.ParameterValueError")
    if set(named) - set(face_ids) or len(wanted) > len(face_ids):
        raise ApiError("FailedOperation.TemplateFaceIDNotExist")
    free = (number for number, name in enumerate(face_ids) if name not in named)
    return [face_ids.index(name) if name else next(free) for name in wanted]


def _rect(info: MergeInfo) -> Box | None:
    rect = info.InputImageFaceRect
    return Box(rect.X, rect.Y, rect.Width, rect.Height) if rect else None
