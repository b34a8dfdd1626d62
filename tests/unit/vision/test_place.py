"""Where in a photo that was seen which speaks for a label."""

from __future__ import annotations

import numpy as np
import pytest

from vision.model.place import place


@pytest.mark.parametrize(("row", "column", "box"), [
    (0, 0, (0, 0, 3 / 7, 3 / 7)),
    (3, 3, (2 / 7, 2 / 7, 5 / 7, 5 / 7)),
    (6, 5, (4 / 7, 4 / 7, 1, 1)),
])  # fmt: skip
def test_cells_that_speak_for_it(row: int, column: int, box: tuple[float, ...]) -> None:
    """Also where every cell speaks for the other labels as well."""
    grid = np.ones((7, 7, 4), np.float32)
    for y in range(max(0, row - 1), row + 2):
        for x in range(max(0, column - 1), column + 2):
            if y < 7 and x < 7:
                grid[y, x, 0] = 5
    head = np.array([[1, 3, 0, 0], [0, 3, 1, 0], [0, 3, 0, 1]], np.float32)
    assert place(grid.reshape(49, 4), head, 0) == pytest.approx(box)


def test_a_grid_of_one_cell_is_the_whole_photo() -> None:
    assert place(np.ones((1, 4), np.float32), np.eye(4, dtype=np.float32), 1) == (0, 0, 1, 1)
