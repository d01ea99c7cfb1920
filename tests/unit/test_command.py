import pytest

from propfirm import __version__
from propfirm.entrypoints.cli.main import main


def test_the_command_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"propfirm {__version__}\n"
