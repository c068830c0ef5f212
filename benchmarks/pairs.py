"""A user's portrait on a material's, and what is measured of it."""

import time
from functools import cached_property

import cv2
import numpy as np

from benchmarks import figures, portraits
from benchmarks.portraits import Portrait
from mockserver.imaging.codec import Pixels
from mockserver.imaging.fuse import (
    DEFAULT_DEGREES,
    MATERIALS_OWN,
    Degrees,
    Template,
    fuse,
    prepare,
    wanted,
)
from mockserver.imaging.mask import eye_distance
from mockserver.imaging.mesh import Indices
from mockserver.imaging.warp import Floats, warp

_ROUNDS = 3  # of timing


class Pair:
    """A user's portrait on a material's."""

    def __init__(self, user: Portrait, material: Portrait) -> None:
        self.user, self.material = user, material
        self.template: Template = prepare(material.pixels, material.face)

    @cached_property
    def name(self) -> str:
        """Of both."""
        return f"{self.user.name}, {self.material.name}"

    @cached_property
    def unit(self) -> float:
        """Distance between the material's outer eye corners, in pixels."""
        return eye_distance(self.material.face.points)

    def fused(self, degrees: Degrees = DEFAULT_DEGREES) -> Pixels:
        """The result."""
        return fuse(self.material.pixels, self.template, self.user.pixels, self.user.face, degrees)

    def landmark_error(self, degrees: Degrees) -> float:
        """How far the result's landmarks are from where they are wanted."""
        found = portraits.measured(self.fused(degrees)).points
        return figures.landmark_error(found, wanted(self.template, self.user.face, degrees))

    def seam(self) -> float:
        """Contrast across the mask's edge, against the material's own."""
        return figures.seam_contrast(*self.regions, self.mask, self.unit)

    def ring(self) -> float:
        """Difference of colour where the mask fades."""
        return figures.colour_difference(*self.regions, figures.ring(self.mask), self.unit)

    def fine(self) -> float:
        """Share of the user's fine texture that is left."""
        return figures.fine_energy(self.regions[0], self.warped, self.mask, self.unit)

    def milliseconds(self) -> float:
        """Processor time of one fusion, decoding and landmarks not counted."""
        times = []
        for _ in range(_ROUNDS):
            before = time.process_time_ns()
            self.fused()
            times.append((time.process_time_ns() - before) / 1e6)
        return min(times)

    @cached_property
    def regions(self) -> tuple[Pixels, Pixels]:
        """The part that changes, in the material's geometry: result and material."""
        place = self.template.region.slices
        return self.fused(MATERIALS_OWN)[place], self.material.pixels[place]

    @cached_property
    def warped(self) -> Pixels:
        """The user's face in the material's geometry, nothing else done to it."""
        points, template = self.user.face.points, self.template
        ratio = eye_distance(points) / self.unit
        return warp(self.user.pixels, points, template.grid, template.region, ratio)

    @cached_property
    def mask(self) -> Floats:
        """How much of the user the region's pixels show, but for hair and mouth."""
        region = self.template.region
        return np.asarray(cv2.resize(self.template.look.shown, region.size), np.float32)

    def way(self, degrees: Degrees, those: Indices) -> float:
        """How far these landmarks went from the material's places, 0, to the user's, 1."""
        own = self.material.face.points
        whole = (wanted(self.template, self.user.face, Degrees(0, 0)) - own)[those]
        gone = (portraits.measured(self.fused(degrees)).points - own)[those]
        return float((gone * whole).sum() / (whole * whole).sum())
