"""Who shows reports to people."""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias

from propfirm.application.simulation.report import Report

PictureKind: TypeAlias = Literal["png", "svg"]


class ReportPictures(Protocol):
    def draw(self, report: Report, kind: PictureKind) -> bytes:
        """Equity against every floor, as the content of an image file. Equal reports give equal bytes."""
        ...


class ReportPrinter(Protocol):
    def show(self, report: Report) -> None:
        """The whole report: verdict first, then what it rests on."""
        ...

    def verdict(self, report: Report) -> None:
        """The verdict and its reason, and nothing else."""
        ...
