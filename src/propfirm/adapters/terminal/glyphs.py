"""The characters of a report: fine ones, and those that any terminal has."""

from __future__ import annotations

from typing import Final

from msgspec import Struct


class Glyphs(Struct, frozen=True):
    """braille: equity is drawn with eight dots a character, else with one star."""

    met: str
    missing: str
    floor: str
    day_floor: str
    target: str
    start: str
    equity: str
    border: str
    corner: str
    axis: str
    tick: str
    full: str
    empty: str
    breach: str
    passed: str
    lock: str
    warning: str
    dash: str
    braille: bool


FINE: Final = Glyphs(
    met="✓",
    missing="✗",
    floor="━",
    day_floor="╌",
    target="┄",
    start="┈",
    equity="⠿",
    border="│",
    corner="└",
    axis="─",
    tick="┴",
    full="█",
    empty="░",
    breach="✖",
    passed="★",
    lock="▼",
    warning="◆",
    dash="–",
    braille=True,
)
PLAIN: Final = Glyphs(
    met="+",
    missing="-",
    floor="=",
    day_floor="-",
    target="~",
    start=".",
    equity="*",
    border="|",
    corner="+",
    axis="-",
    tick="+",
    full="#",
    empty=".",
    breach="X",
    passed="P",
    lock="v",
    warning="!",
    dash="-",
    braille=False,
)


def glyphs_for(encoding: str) -> Glyphs:
    """The fine ones wherever the encoding can write all of them."""
    try:
        "".join(getattr(FINE, name) for name in Glyphs.__struct_fields__ if name != "braille").encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return PLAIN
    return FINE
