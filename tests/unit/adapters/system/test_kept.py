import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from propfirm.adapters.system.kept import kept_secret


def test_it_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "secrets" / "jwt"
    made = kept_secret(file)
    assert len(made) == 64
    assert kept_secret(file) == made
    assert kept_secret(tmp_path / "secrets" / "other") != made
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(one.name for one in file.parent.iterdir()) == ["jwt", "other"], "no draft is left behind"


def test_a_shorter_one_for_people_to_type(tmp_path: Path) -> None:
    assert len(kept_secret(tmp_path / "password", 12)) == 16


def test_of_many_at_once_all_get_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(lambda _: kept_secret(tmp_path / "one"), range(40)))) == 1
