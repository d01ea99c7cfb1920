from hashlib import sha256
from pathlib import Path

import pytest

from propfirm.adapters.system.files import BLOCK, measure_file


@pytest.mark.parametrize("size", [0, 1, BLOCK, BLOCK + 1])
def test_a_file_is_measured_whole_whatever_its_size(tmp_path: Path, size: int) -> None:
    content = bytes(range(251)) * (size // 251 + 1)
    path = tmp_path / "fills.csv"
    path.write_bytes(content[:size])
    measured = measure_file(path, "propfirm-fills")
    assert (measured.name, measured.size, measured.format) == ("fills.csv", size, "propfirm-fills")
    assert measured.sha256 == sha256(content[:size]).hexdigest()


@pytest.mark.parametrize("place", [0, BLOCK - 1, BLOCK, 2 * BLOCK])
def test_a_byte_changed_anywhere_in_a_file_changes_its_measure(tmp_path: Path, place: int) -> None:
    content = bytearray(2 * BLOCK + 1)
    path = tmp_path / "prices.csv"
    path.write_bytes(content)
    before = measure_file(path, "?")
    content[place] ^= 1
    path.write_bytes(content)
    assert measure_file(path, "?") != before
