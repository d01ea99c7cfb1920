"""A folder without a firm is not made one by whoever only looks."""

from __future__ import annotations

from pathlib import Path

import pytest

from propfirm.entrypoints.cli import exits
from propfirm.entrypoints.cli.main import main


@pytest.mark.parametrize(
    "words",
    [
        "accounts list",
        "programs on-sale",
        "dashboard --json",
        "verify",
        "replay --all",
        "users create a@b.example --name A --role admin --as c@d.example --yes",
        "db rollback --to base --yes",
    ],
)
def test_a_command_in_another_folder_makes_no_firm_there(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for variable in ("DATABASE_URL", "PROPFIRM_STATE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PROPFIRM_ADMIN_PASSWORD", "correct horse battery staple")
    monkeypatch.setenv("PROPFIRM_SYSTEM_STATE", str(tmp_path / "system"))
    assert main(words.split()) == exits.BAD_INPUT
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    for word in ("There is no firm here", "`propfirm dev`", "`propfirm db migrate`", "DATABASE_URL", "PROPFIRM_STATE"):
        assert word in said
    assert list(tmp_path.iterdir()) == []
