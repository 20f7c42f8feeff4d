"""The line of a fault: tables, dotted and quoted keys, lists of tables, texts and lists over several lines."""

from __future__ import annotations

import pytest

from arrears.configuration.model import Path
from arrears.configuration.positions import line_of

TEXT = '''\
a = """
[x]
"""
[b]
c = 1 # "[
"d e".f = 'x'
g = [
  { h = 1 }, # ]
  { h = "]" },
]

[[i.j]]
k = 1
[i.j.l]
m = 1
[[i.j]]
[i.j.l]
m = 2
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("a",), 1),
        (("x",), None),
        (("b",), 4),
        (("b", "c"), 5),
        (("b", "d e", "f"), 6),
        (("b", "g", 1, "h"), 7),
        (("b", "unknown"), 4),
        (("i",), 12),
        (("i", "j", 0, "k"), 13),
        (("i", "j", 0, "l", "m"), 15),
        (("i", "j", 1, "l", "m"), 18),
        (("i", "j", 1), 16),
    ],
)
def test_the_line_of_a_path(path: Path, line: int | None) -> None:
    assert line_of(TEXT, path) == line


def test_a_long_list_is_found_at_once() -> None:
    steps = "".join(f'  {{ day = {day}, text = "a ] b" }}, # ]\n' for day in range(3000))

    assert line_of(f"steps = [\n{steps}]\nlast = 1\n", ("last",)) == 3003
