"""What may be handed on goes with its origin and its licence."""

from importlib import resources

from propfirm.adapters.resources.example import example_files


def test_the_example_carries_the_origin_of_its_prices_and_the_text_of_their_licence() -> None:
    files = example_files()
    notice, licence = files["NOTICE.md"].decode(), files["LICENSE-Apache-2.0.txt"].decode()
    assert "QuantConnect" in notice
    assert "LICENSE-Apache-2.0.txt" in notice
    assert "Apache License" in licence
    assert "4. Redistribution." in licence


def test_every_notice_that_names_the_apache_licence_ships_beside_its_text() -> None:
    root = resources.files("propfirm.resources")
    notices = [root / "market" / "NOTICE.md", *(one for one in root.iterdir() if one.name.endswith(".NOTICE.md"))]
    naming = [one for one in notices if "Apache License" in one.read_text("utf-8")]
    assert len(naming) > 1
    assert all("LICENSE-Apache-2.0.txt" in one.read_text("utf-8") for one in naming)
    assert (root / "LICENSE-Apache-2.0.txt").is_file()
