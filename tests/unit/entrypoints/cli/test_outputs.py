import os
import stat
from pathlib import Path

import pytest

from propfirm.entrypoints.cli import outputs
from propfirm.entrypoints.cli.problems import BadFile


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_files_are_written_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    outputs.write({tmp_path / "a": b"one", tmp_path / "b": b"two"})
    assert [(path.name, path.read_bytes()) for path in sorted(tmp_path.iterdir())] == [("a", b"one"), ("b", b"two")]


def test_a_new_file_has_the_rights_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        outputs.write({tmp_path / "a": b"one"})
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


def test_a_replaced_file_keeps_its_rights(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "a").chmod(0o604)
    outputs.write({tmp_path / "a": b"new"})
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o604
    assert (tmp_path / "a").read_bytes() == b"new"


def test_a_link_stays_a_link_to_the_file_that_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    outputs.write({tmp_path / "link": b"new"})
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_if_one_file_cannot_be_written_the_other_is_not_either(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(BadFile, match="no such file or directory"):
        outputs.write({tmp_path / "a": b"new", tmp_path / "nowhere" / "b": b"two"})
    assert (tmp_path / "a").read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


def test_an_interruption_leaves_the_old_file_and_no_half_of_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    (tmp_path / "a").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        outputs.write({tmp_path / "a": b"new"})
    assert (tmp_path / "a").read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


def test_a_full_disk_is_told_with_the_name_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BadFile) as refusal:
        outputs.write({tmp_path / "a": b"new"})
    assert refusal.value.path == tmp_path / "a"
    assert refusal.value.reason == "cannot be written: no space left on device"
    assert names(tmp_path) == []


def test_targets_are_tried_before_any_work_and_left_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    outputs.check([tmp_path / "a", tmp_path / "b"])
    assert (tmp_path / "a").read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("target", ["nowhere/a", "file/a", "."])
def test_a_target_that_cannot_be_written_is_told_before_any_work(tmp_path: Path, target: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BadFile, match="cannot be written"):
        outputs.check([tmp_path / target])


def test_the_same_target_twice_is_refused_under_any_name(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(BadFile, match="named for two outputs"):
        outputs.check([tmp_path / "a", tmp_path / "folder" / ".." / "a"])


def test_an_input_is_never_written_over(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="also read by this command"):
        outputs.check([tmp_path / "fills.csv"], inputs=[tmp_path / "." / "fills.csv"])


def test_a_device_is_no_file_to_be_replaced() -> None:
    with pytest.raises(BadFile, match="not a regular file"):
        outputs.check([Path(os.devnull)])


def test_what_must_be_new_may_not_be_there_not_even_as_a_broken_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("nowhere")
    outputs.check_new([tmp_path / "key"])
    with pytest.raises(BadFile, match="is there already"):
        outputs.check_new([tmp_path / "key", tmp_path / "link"])
