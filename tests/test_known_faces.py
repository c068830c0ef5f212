"""Faces that are remembered: answers are the same, memory is bounded, errors come anew."""

import threading

import numpy as np
import pytest

from mockserver.errors import ApiError
from mockserver.imaging.face import Box, Landmarks
from mockserver.known_faces import KnownFaces
from mockserver.settings import Settings
from tests.live import Live, face_fusion, running


def face(number: float = 0) -> Landmarks:
    return Landmarks(np.full((478, 2), number, np.float32), np.zeros(478, np.float32), 0, 0, 0)


def failed() -> Landmarks:
    raise ApiError("FailedOperation.NoFaceDetected")


def test_a_known_face_is_not_searched_again() -> None:
    known, first = KnownFaces(2), face()
    assert known.find("a", None, lambda: first) is first
    assert known.find("a", None, failed) is first


def test_another_rectangle_is_another_question() -> None:
    known = KnownFaces(2)
    known.find("a", None, face)
    with pytest.raises(ApiError):
        known.find("a", Box(0, 0, 30, 30), failed)


def test_errors_are_not_kept() -> None:
    known = KnownFaces(2)
    with pytest.raises(ApiError):
        known.find("a", None, failed)
    assert known.find("a", None, face) is not None


def test_the_one_that_was_asked_for_longest_ago_goes_first() -> None:
    known = KnownFaces(2)
    for name in ("a", "b", "a", "c"):
        known.find(name, None, face)
    known.find("a", None, failed)
    with pytest.raises(ApiError):
        known.find("b", None, failed)


def test_any_number_of_threads_may_ask() -> None:
    known = KnownFaces(3)
    faces = {str(number): face(number) for number in range(10)}

    def ask() -> None:
        for _ in range(200):
            for name, its in faces.items():
                assert known.find(name, None, lambda its=its: its) is its  # type: ignore[misc]

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_pictures_and_errors_are_the_same_as_without(live: Live) -> None:
    twice = [live.client().FaceFusion(face_fusion()).Image for _ in range(2)]
    with running(Settings(known_faces=0, workers=1)) as forgetful:
        assert {forgetful.client().FaceFusion(face_fusion()).Image, *twice} == {twice[0]}
