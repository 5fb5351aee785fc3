from __future__ import annotations

from itertools import pairwise

import numpy as np

from clipboard.engine.crop import Sample, Watched, crop_of, moved
from clipboard.engine.faces import Face


def face(x: float, *, size: float = 0.2) -> Face:
    return Face(x, 0.4, size / 2, size, 0.9)


def watched(*samples: Sample, cuts: list[float] | None = None, end: float = 20.0) -> Watched:
    return Watched((0.0, end), cuts or [], list(samples))


def every(start: float, end: float, *faces: Face, moving: float | None = None) -> list[Sample]:
    return [Sample(float(at), list(faces), moving) for at in np.arange(start, end, 0.5)]


def test_it_centres_each_shot_on_its_face_from_the_cut_on() -> None:
    seen = watched(*every(0.1, 7, face(0.3)), *every(7.1, 20, face(0.7)), cuts=[7.0])
    assert crop_of((2.0, 12.0), seen) == [(0.0, 0.3), (5.0, 0.7)]


def test_it_does_not_jump_in_the_first_moment() -> None:
    seen = watched(*every(0.1, 7, face(0.3)), *every(7.1, 20, face(0.7)), cuts=[7.0])
    assert crop_of((6.95, 15.0), seen) == [(0.0, 0.7)]


def test_it_ignores_a_false_face_now_and_then() -> None:
    samples = every(0.1, 20, face(0.3))
    samples[9] = Sample(samples[9].at, [face(0.9, size=0.4)], None)
    assert crop_of((0.0, 20.0), watched(*samples)) == [(0.0, 0.3)]


def test_it_stays_with_one_of_two_people() -> None:
    both = [face(0.25, size=0.3), face(0.75, size=0.29)]
    swapped = [face(0.25, size=0.29), face(0.75, size=0.3)]
    samples = [Sample(at / 2, both if at % 2 else swapped, None) for at in range(40)]
    crop = crop_of((0.0, 20.0), watched(*samples))
    assert len(crop) == 1
    assert crop[0][1] in (0.25, 0.75)


def test_it_pans_smoothly_after_somebody_who_walks() -> None:
    samples = [Sample(at / 2, [face(0.2 + 0.6 * at / 40)], None) for at in range(40)]
    crop = crop_of((0.0, 20.0), watched(*samples))
    assert crop[0][1] < 0.35
    assert crop[-1][1] > 0.6
    steps = [abs(after[1] - before[1]) for before, after in pairwise(crop)]
    assert max(steps) < 0.02
    assert all(abs(x - (0.2 + 0.6 * t / 20)) < 0.16 for t, x in crop)


def test_it_follows_movement_half_way_where_there_is_no_face() -> None:
    assert crop_of((0.0, 20.0), watched(*every(0, 20, moving=0.9))) == [(0.0, 0.7)]


def test_it_keeps_to_the_middle_where_nothing_happens() -> None:
    assert crop_of((0.0, 20.0), watched(*every(0, 20))) == []


def test_it_finds_the_middle_of_what_moved() -> None:
    before = np.zeros((90, 160, 3), np.uint8)
    after = before.copy()
    after[20:60, 120:140] = 255
    centre = moved(before, after)
    assert centre is not None
    assert abs(centre - 130 / 160) < 0.01
    assert moved(before, before) is None
