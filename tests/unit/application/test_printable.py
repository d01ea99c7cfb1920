import pytest
from hypothesis import given
from hypothesis import strategies as st

from propfirm.application.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Topstep 50K – München", "Topstep 50K – München"),
        ("\x1b[2J\x1b[32mPASSED", "\\x1b[2J\\x1b[32mPASSED"),
        ("two\nlines\tand a tab", "two\\nlines\\tand a tab"),
        ("\u202edessap", "\\u202edessap"),
        ("\x9b31m", "\\x9b31m"),
    ],
)
def test_what_a_terminal_would_obey_is_spelled_out(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_whatever_a_file_says_stays_on_one_line_and_is_only_shown(text: str) -> None:
    assert printable(text).isprintable()
