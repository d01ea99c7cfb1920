import struct
import subprocess
import sys
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import replace

from propfirm.adapters.charts.picture import MatplotlibPictures, _spread
from propfirm.application.simulation.report import Report
from tests.reports import EVERY_KIND, SUBJECT, one_day

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.thorough
@pytest.mark.parametrize("make", EVERY_KIND)
def test_every_report_has_a_picture_of_1600_by_900(make: Callable[[], Report]) -> None:
    content = MatplotlibPictures().draw(make(), "png")
    assert content.startswith(PNG)
    assert struct.unpack(">II", content[16:24]) == (1600, 900)


def test_an_svg_is_well_formed() -> None:
    root = ET.fromstring(MatplotlibPictures().draw(one_day(), "svg"))  # noqa: S314  # we made it ourselves
    assert root.tag == "{http://www.w3.org/2000/svg}svg"


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["png", "svg"])
def test_equal_reports_have_equal_pictures(kind: str) -> None:
    first, second = (MatplotlibPictures().draw(one_day(), kind) for _ in range(2))  # type: ignore[arg-type]  # one of both
    assert first == second
    assert b"dc:date" not in first


def test_another_verdict_is_another_picture() -> None:
    other = replace(one_day(), headline="Passed")
    assert MatplotlibPictures().draw(one_day(), "png") != MatplotlibPictures().draw(other, "png")


def test_a_name_full_of_dollars_and_foreign_letters_is_drawn_as_it_is() -> None:
    subject = replace(SUBJECT, name="$50K$ _{x}^ \\alpha 五万 🚀")
    assert MatplotlibPictures().draw(replace(one_day(), subject=subject), "png").startswith(PNG)


def test_nothing_imports_matplotlib_before_a_picture_is_drawn() -> None:
    code = "import sys, propfirm.adapters.charts.picture; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("wanted", "placed"),
    [
        ([0.0, 100.0], [0.0, 100.0]),
        ([50.0, 50.0], [45.0, 55.0]),
        ([0.0, 1.0, 2.0], [-9.0, 1.0, 11.0]),
        ([0.0, 4.0, 100.0, 101.0], [-3.0, 7.0, 95.5, 105.5]),
    ],
)
def test_labels_that_would_cover_each_other_are_pushed_apart(wanted: list[float], placed: list[float]) -> None:
    assert _spread(wanted, 10.0) == pytest.approx(placed)
