import io
import sys

import pytest

from propfirm.entrypoints.cli import streams


@pytest.mark.parametrize(
    ("environment", "ascii_wanted"),
    [
        ({}, False),
        ({"LANG": "en_US.UTF-8"}, False),
        ({"LANG": "C"}, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True),
        ({"LANG": "POSIX"}, True),
        ({"LC_ALL": "C", "LANG": "en_US.UTF-8"}, True),
        ({"LC_ALL": "en_US.UTF-8", "LANG": "C"}, False),
        ({"LANG": "C.UTF-8"}, False),
    ],
)
def test_who_names_the_c_locale_gets_ascii(environment: dict[str, str], *, ascii_wanted: bool) -> None:
    assert streams.wants_ascii(environment) is ascii_wanted


def test_what_an_encoding_cannot_take_is_written_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="latin-1"))
    monkeypatch.setenv("LC_ALL", "en_US.ISO-8859-1")
    streams.prepare()
    print("a – b × 2 → “c” 五", flush=True)
    assert raw.getvalue() == b'a - b \xd7 2 -> "c" ?\n'


def test_under_the_c_locale_everything_is_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="utf-8"))
    monkeypatch.setenv("LC_ALL", "C")
    streams.prepare()
    print("×≥", flush=True)
    assert raw.getvalue() == b"x>=\n"
