"""Faces in a picture, by CenterFace (Xu et al. 2019, arXiv:1911.03599) through OpenCV."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clipboard.engine.pictures import Picture

SIZE = (320, 192)  # width and height of the network's input; both multiples of 32
STRIDE = 4  # pixels of input that one cell of its output stands for
SURE = 0.5
SAME = 0.3  # share of overlap from which two boxes are one face
OUTPUTS = ["537", "538", "539", "540"]  # heat map, logarithm of size, centre's offset, landmarks


@dataclass(frozen=True)
class Face:
    """Centre and size as shares of the picture's width and height; `sure` 0..1."""

    x: float
    y: float
    width: float
    height: float
    sure: float

    @property
    def weight(self) -> float:
        return self.width * self.height * self.sure


class FaceFinder:
    def __init__(self, model: Path) -> None:
        import cv2

        cv2.setNumThreads(1)
        self.cv2: Any = cv2
        self.net = cv2.dnn.readNetFromONNX(str(model))

    def find(self, picture: Picture) -> list[Face]:
        """Faces in a picture of SIZE, blue first; the surest comes first."""
        self.net.setInput(self.cv2.dnn.blobFromImage(picture))
        return decoded(*self.net.forward(OUTPUTS)[:3])


def decoded(
    heat: NDArray[np.float32], scale: NDArray[np.float32], offset: NDArray[np.float32]
) -> list[Face]:
    """The network's output, each of shape (1, channels, rows, columns), as faces."""
    rows, columns = np.nonzero(heat[0, 0] > SURE)
    height, width = (np.exp(scale[0, at, rows, columns]) * STRIDE / SIZE[1 - at] for at in (0, 1))
    y = (rows + offset[0, 0, rows, columns] + 0.5) * STRIDE / SIZE[1]
    x = (columns + offset[0, 1, rows, columns] + 0.5) * STRIDE / SIZE[0]
    values = zip(x, y, width, height, heat[0, 0, rows, columns], strict=True)
    faces = [Face(*map(float, each)) for each in values]
    return thinned(sorted(faces, key=lambda face: -face.sure))


def thinned(faces: list[Face]) -> list[Face]:
    kept: list[Face] = []
    for face in faces:
        if all(shared(face, other) < SAME for other in kept):
            kept.append(face)
    return kept


def shared(one: Face, other: Face) -> float:
    """Intersection over union."""
    wide = min(one.x + one.width / 2, other.x + other.width / 2) - max(
        one.x - one.width / 2, other.x - other.width / 2
    )
    high = min(one.y + one.height / 2, other.y + other.height / 2) - max(
        one.y - one.height / 2, other.y - other.height / 2
    )
    inner = max(0.0, wide) * max(0.0, high)
    return inner / (one.width * one.height + other.width * other.height - inner)
