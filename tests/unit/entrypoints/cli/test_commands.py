"""The commands, run in this process: what they print, and with which code they end."""

import json
from importlib import resources
from pathlib import Path

import pytest

from propfirm.domain.catalogue.document import to_document
from propfirm.domain.catalogue.toml_text import to_toml
from propfirm.entrypoints.cli import main as cli
from propfirm.entrypoints.cli.main import COMMANDS, main
from propfirm.entrypoints.container import Container

RESOURCES = Path(str(resources.files("propfirm.resources")))
PRICES = RESOURCES / "market" / "ES_ESZ3_1min_2013-10-06_2013-10-11.csv.gz"
FILLS = """\
time,symbol,side,quantity,price,execution_id,fee
2013-10-07T09:35:00-05:00,ESZ3,buy,2,1677.00,f-1,2
2013-10-08T09:35:00-05:00,ESZ3,sell,2,1668.50,f-2,2
"""

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def fills(tmp_path: Path) -> Path:
    path = tmp_path / "fills.csv"
    path.write_text(FILLS, "utf-8")
    return path


def run(capsys: Captured, *arguments: object) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    try:
        code = main([str(one) for one in arguments])
    except SystemExit as end:  # so ends argparse
        code = int(end.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


# ------------------------------------------------------------ the shell


def test_help_is_for_strangers_and_names_every_command_and_exit_code(capsys: Captured) -> None:
    code, out, err = run(capsys, "--help")
    assert (code, err) == (0, "")
    assert all(name in out and command.summary.split()[0] in out for name, command in COMMANDS.items())
    assert "exit codes:" in out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_examples(capsys: Captured, name: str) -> None:
    code, out, _ = run(capsys, name, "--help")
    assert code == 0
    assert f"examples:\n  propfirm {name}" in out


def test_without_a_command_the_help_goes_to_the_error_stream(capsys: Captured) -> None:
    code, out, err = run(capsys)
    assert (code, out) == (2, "")
    assert "simulate" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--nonsense"],
        ["nonsense"],
        ["--vers"],
        ["programs"],
        ["programs", "show"],
        ["programs", "list", "extra"],
        ["programs", "list", "--js"],
        ["rules", "check"],
        ["keys"],
        ["verify-proof"],
        ["simulate"],
        ["simulate", "fills.csv"],
        ["simulate", "fills.csv", "--program", "topstep-50k", "--reading", "kind"],
        ["simulate", "fills.csv", "--program", "topstep-50k", "--personal-daily-loss", "1e3"],
        ["simulate", "fills.csv", "--program", "topstep-50k", "--zone", "Chicago"],
        ["simulate", "fills.csv", "--program", "topstep-50k", "--chart", "out.jpg"],
        ["simulate", "fills.csv", "--program", "topstep-50k", "--sign", "key.pem"],
        ["simulate", "fills.csv", "--program", "topstep-50k", "--quiet", "--json"],
        ["what-if", "fills.csv", "--program", "topstep-50k", "--payout", "-5"],
    ],
)
def test_wrong_usage_ends_with_2_and_the_usage_on_the_error_stream(capsys: Captured, arguments: list[str]) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    usage, problem = err.splitlines()
    assert usage.startswith("usage: propfirm")
    assert usage.endswith("--help)")
    assert ": error: " in problem


def test_a_bug_has_a_code_of_its_own_and_its_traceback(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: list[str]) -> int:
        return 1 // 0

    monkeypatch.setattr(cli, "_run", broken)
    code, _, err = run(capsys, "programs", "list")
    assert code == 70
    assert "ZeroDivisionError" in err


def test_ctrl_c_is_left_to_the_start(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(capsys, "programs", "list")


def test_what_the_system_refuses_names_the_file(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    def torn(_: list[str]) -> int:
        raise OSError(5, "Input/output error", "prices.csv")

    monkeypatch.setattr(cli, "_run", torn)
    assert run(capsys, "programs", "list") == (2, "", "prices.csv: input/output error\n")


# ------------------------------------------------------------ programs


def test_shipped_programs_are_listed_a_line_each(capsys: Captured) -> None:
    code, out, _ = run(capsys, "programs", "list")
    lines = out.splitlines()
    assert code == 0
    assert len(lines) == 1 + len(Container().programs().ids())
    assert any(
        line.split() == ["topstep-50k", "50,000.00", "49.00", "a", "month", "combine,", "xfa,", "live"]
        for line in lines
    )


def test_the_list_for_machines_has_every_program_with_its_fingerprint(capsys: Captured) -> None:
    _, out, _ = run(capsys, "programs", "list", "--json")
    assert {len(program["fingerprint"]) for program in json.loads(out)} == {64}


def test_a_program_is_shown_in_words(capsys: Captured) -> None:
    code, out, _ = run(capsys, "programs", "show", "topstep-50k")
    assert code == 0
    assert out.startswith("Topstep 50K\n===========\n")
    assert "Stage combine\n-------------\n" in out
    assert max(map(len, out.splitlines())) <= 96


def test_a_program_is_shown_to_machines_complete(capsys: Captured) -> None:
    _, out, _ = run(capsys, "programs", "show", "topstep-50k", "--json")
    told = json.loads(out)
    assert told["program"]["id"] == "topstep-50k"
    assert told["words"]["title"] == "Topstep 50K"


def test_an_unknown_program_is_told_in_one_line_with_what_was_meant(capsys: Captured) -> None:
    code, out, err = run(capsys, "programs", "show", "topstep-5k")
    assert (code, out) == (2, "")
    assert err.startswith("there is no program 'topstep-5k'; did you mean topstep-50k")
    assert err.count("\n") == 1


def test_the_shipped_files_pass_their_check(capsys: Captured) -> None:
    code, out, _ = run(capsys, "programs", "check", RESOURCES / "programs" / "topstep.toml")
    assert code == 0
    assert out.count(": ok, ") == 3


def test_a_contradiction_ends_with_1_and_names_its_place(capsys: Captured, tmp_path: Path) -> None:
    text = to_toml(to_document(Container().programs().get("topstep-50k")))
    path = tmp_path / "mine.toml"
    path.write_text(text.replace('next_stage = "xfa"', 'next_stage = "nowhere"'), "utf-8")
    code, out, _ = run(capsys, "programs", "check", path)
    assert code == 1
    assert f"{path}: topstep-50k: stages[0].next_stage: " in out


def test_a_release_that_nobody_lists_is_noted_by_the_check_and_shown(capsys: Captured) -> None:
    path = RESOURCES / "programs" / "tpt.toml"
    code, out, _ = run(capsys, "programs", "check", path)
    assert code == 0
    assert f"{path}: tpt-50k: note: stages[2].news.events.TREASURY_AUCTION: No release of US Treasury" in out
    _, out, _ = run(capsys, "programs", "show", "tpt-50k")
    assert "\nWhat is not judged yet\n  - No release of US crude oil inventories is in the list" in out
    _, out, _ = run(capsys, "programs", "show", "topstep-50k")
    assert "What is not judged yet" not in out


def test_what_is_not_there_is_told_of_a_file(capsys: Captured, tmp_path: Path) -> None:
    text = to_toml(to_document(Container().programs().get("tpt-50k")))
    path = tmp_path / "mine.toml"
    path.write_text(text.replace('CRUDE_INVENTORIES = ["CL"]', 'CRUDE_INVENTORIES = ["OIL"]'), "utf-8")
    code, out, _ = run(capsys, "programs", "check", path)
    assert code == 1
    assert "stages[2].news.events.CRUDE_INVENTORIES: there is no product 'OIL' [news.unknown-product]" in out


@pytest.mark.parametrize("command", [["simulate", "FILLS", "--program"], ["what-if", "FILLS", "--program"]])
def test_nothing_is_judged_by_a_program_that_contradicts_itself(
    capsys: Captured, tmp_path: Path, fills: Path, command: list[str]
) -> None:
    document = to_document(Container().programs().get("topstep-50k"))
    stages = document["stages"]
    assert isinstance(stages, list)
    stages[0]["scaling"] = {"tiers": []}
    file = tmp_path / "mine.toml"
    file.write_text(to_toml(document), "utf-8")
    arguments = [str(fills) if one == "FILLS" else one for one in command]
    code, out, err = run(capsys, *arguments, file)
    assert (code, out) == (2, "")
    assert all(line.startswith(f"{file}: stages[0].scaling") for line in err.splitlines())
    assert err


def test_a_file_that_is_no_program_has_every_problem_on_a_line(capsys: Captured, tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text('version = 9\nid = "x"\nstages = 3\n', "utf-8")
    code, out, err = run(capsys, "programs", "check", path)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) > 3
    assert all(line.startswith(f"{path}: ") for line in err.splitlines())


def test_differences_are_told_by_path(capsys: Captured) -> None:
    code, out, _ = run(capsys, "programs", "diff", "topstep-50k", "topstep-100k")
    assert code == 0
    assert "~ stages.combine.max_loss.amount: 2_000 -> 3_000" in out
    assert any(line.startswith("- stages.xfa.scaling") for line in out.splitlines())


def test_differences_for_machines(capsys: Captured) -> None:
    _, out, _ = run(capsys, "programs", "diff", "topstep-50k", "topstep-100k", "--json")
    assert {"path": "starting_balance", "before": "50_000", "after": "100_000"} in json.loads(out)


def test_a_program_does_not_differ_from_itself(capsys: Captured) -> None:
    assert run(capsys, "programs", "diff", "topstep-50k", "topstep-50k") == (0, "no difference\n", "")


# ------------------------------------------------------------ rules

CASE = {
    "id": "split-90",
    "rule": "profit_split",
    "parameters": {},
    "inputs": [],
    "expected": {},
}


def test_cases_that_hold_end_with_0_and_a_count(capsys: Captured) -> None:
    code, out, _ = run(capsys, "rules", "check", Path(__file__).parents[3] / "data" / "golden-cases.json")
    assert code == 0
    assert out.splitlines()[-1] == "98 cases: 98 ok, 0 failed, 0 cannot be judged"


def test_a_case_that_does_not_hold_ends_with_1(capsys: Captured, tmp_path: Path) -> None:
    path = tmp_path / "cases.json"
    path.write_text(json.dumps({"format": "golden-cases/1", "cases": [CASE]}), "utf-8")
    code, out, _ = run(capsys, "rules", "check", path)
    assert code == 1
    assert "split-90" in out


@pytest.mark.parametrize("content", [b"", b"{}", b"\x00\xff", b"[1]"])
def test_a_file_that_holds_no_cases_ends_with_2(capsys: Captured, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "cases.json"
    path.write_bytes(content)
    code, out, err = run(capsys, "rules", "check", path)
    assert (code, out) == (2, "")
    assert err.startswith(f"{path}: ")


# ------------------------------------------------------------ simulate


def test_a_history_gets_its_verdict_whatever_it_is(capsys: Captured, fills: Path) -> None:
    code, out, err = run(capsys, "simulate", fills, "--program", "topstep-50k", "--prices", PRICES)
    assert (code, err) == (0, "")
    assert "STILL OPEN" in out
    assert "Day by day" in out


def test_quiet_is_the_verdict_alone(capsys: Captured, fills: Path) -> None:
    _, out, err = run(capsys, "simulate", fills, "--program", "topstep-50k", "--quiet")
    assert err == ""
    assert "STILL OPEN" in out
    assert "Day by day" not in out


def test_the_report_for_machines_is_one_line(capsys: Captured, fills: Path) -> None:
    _, out, _ = run(capsys, "simulate", fills, "--program", "topstep-50k", "--json")
    assert out.count("\n") == 1
    told = json.loads(out)
    assert (told["verdict"], told["subject"]["history_file"]) == ("open", "fills.csv")


def test_every_argument_reaches_the_simulation(capsys: Captured, tmp_path: Path) -> None:
    history = tmp_path / "fills.csv"
    history.write_text(FILLS.replace("-05:00", "").replace(",2\n", ",\n"), "utf-8")
    arguments = ["--zone", "America/Chicago", "--method", "fifo", "--bars", "favourable", "--fees", "example"]
    own_limit = ["--daily-loss", "--personal-daily-loss", "300"]
    code, out, err = run(
        capsys, "simulate", history, "--program", "topstep-50k", "--prices", PRICES, *arguments, *own_limit, "--json"
    )
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert (told["subject"]["method"], told["subject"]["reading"]) == ("fifo", "favourable")
    assert told["days"][0]["day_floor"] == "49700.00"
    assert any(entry["finding"].get("rule") == "personal_loss" for entry in told["timeline"])


def test_another_stage_is_judged_by_its_own_rules(capsys: Captured, fills: Path) -> None:
    _, out, _ = run(capsys, "simulate", fills, "--program", "topstep-50k", "--stage", "xfa", "--json")
    assert json.loads(out)["subject"]["starting_balance"] == "0.00"


@pytest.mark.thorough
def test_a_chart_and_a_signed_proof_are_written_and_the_proof_holds(
    capsys: Captured, fills: Path, tmp_path: Path
) -> None:
    key, chart, proof = tmp_path / "firm.pem", tmp_path / "out.svg", tmp_path / "out.json"
    assert run(capsys, "keys", "create", key)[0] == 0
    outputs = ["--chart", chart, "--proof", proof, "--sign", key]
    assert run(capsys, "simulate", fills, "--program", "topstep-50k", "--quiet", *outputs)[0] == 0
    assert b"<svg" in chart.read_bytes()
    code, out, _ = run(capsys, "verify-proof", proof, "--key", f"{key}.pub", "--input", fills)
    assert code == 0
    assert out.splitlines()[0] == "the proof holds"
    assert "authentic: " in out
    assert "input fills.csv: same" in out


def test_a_changed_byte_of_an_input_or_of_the_proof_is_told_with_1(
    capsys: Captured, fills: Path, tmp_path: Path
) -> None:
    proof = tmp_path / "out.json"
    run(capsys, "simulate", fills, "--program", "topstep-50k", "--quiet", "--proof", proof)
    fills.write_text(FILLS.replace("1677.00", "1677.25"), "utf-8")
    code, out, _ = run(capsys, "verify-proof", proof, "--input", fills)
    assert code == 1
    assert out.startswith("the proof does NOT hold\n")
    assert "input fills.csv: changed" in out
    proof.write_bytes(proof.read_bytes().replace(b"topstep-50k", b"topstep-51k", 1))
    code, out, _ = run(capsys, "verify-proof", proof, "--json")
    assert code == 1
    assert json.loads(out)["holds"] is False


@pytest.mark.parametrize("content", [b"", b"{}", b"\x1f\x8b\x00"])
def test_what_is_no_proof_ends_with_2(capsys: Captured, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "out.json"
    path.write_bytes(content)
    code, out, err = run(capsys, "verify-proof", path)
    assert (code, out) == (2, "")
    assert "this is not a proof bundle (any more): " in err


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("price,", "", "price"),
        ("ESZ3", "QQZ3", "row 2, column symbol"),
        ("1677.00", "1677.10", "row 2, column price"),
        ("1677.00", "NaN", "row 2, column price"),
        ("-05:00", "", "row 2, column time"),
        ("f-2", "f-1", "row 3"),
        ("1677.00", "1777.00", "row 2, column price"),
    ],
)
def test_bad_rows_are_told_one_a_line_and_nothing_is_written(
    capsys: Captured, fills: Path, old: str, new: str, told: str
) -> None:
    fills.write_text(FILLS.replace(old, new), "utf-8")
    chart, proof = fills.with_name("out.png"), fills.with_name("out.json")
    outputs = ["--chart", chart, "--proof", proof]
    code, out, err = run(capsys, "simulate", fills, "--program", "topstep-50k", "--prices", PRICES, *outputs)
    assert (code, out) == (2, "")
    assert all(line.startswith(f"{fills}: ") for line in err.splitlines())
    assert told in err
    assert [path.name for path in fills.parent.iterdir()] == ["fills.csv"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--program", "no-such"], "there is no program"),
        (["--program", "topstep-50k", "--stage", "none"], "has no stage 'none'; it has combine, xfa, live"),
        (["--program", "nowhere.toml"], "nowhere.toml: "),
        (["--program", "topstep-50k", "--prices", "nowhere.csv"], "nowhere.csv: "),
        (["--program", "topstep-50k", "--chart", "nowhere/out.png"], "nowhere/out.png: cannot be written"),
        (["--program", "topstep-50k", "--proof", "out.json", "--sign", "nowhere.pem"], "nowhere.pem"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(
    capsys: Captured, fills: Path, arguments: list[str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(fills.parent)
    code, out, err = run(capsys, "simulate", fills, *arguments)
    assert (code, out) == (2, "")
    assert told in err
    assert err.count("\n") == 1
    assert [path.name for path in fills.parent.iterdir()] == ["fills.csv"]


def test_a_history_is_never_written_over(capsys: Captured, fills: Path) -> None:
    code, _, err = run(capsys, "simulate", fills, "--program", "topstep-50k", "--proof", fills)
    assert code == 2
    assert "also read by this command" in err
    assert fills.read_text("utf-8") == FILLS


def test_a_file_name_cannot_bring_escape_sequences(capsys: Captured) -> None:
    code, _, err = run(capsys, "verify-proof", "\x1b[2Jout.json")
    assert code == 2
    assert "\x1b" not in err


# ------------------------------------------------------------ what-if


def test_what_if_tells_distances_and_where_payouts_are(capsys: Captured, fills: Path) -> None:
    code, out, _ = run(capsys, "what-if", fills, "--program", "topstep-50k")
    assert code == 0
    assert "to a breach: " in out
    assert "to the target: " in out
    assert "pays nothing" in out


def test_what_if_answers_for_an_amount(capsys: Captured, fills: Path) -> None:
    fills.write_text(FILLS.replace("buy", "sold").replace("sell", "buy").replace("sold", "sell"), "utf-8")
    arguments = ["--program", "topstep-50k", "--stage", "xfa", "--payout", "200"]
    code, out, _ = run(capsys, "what-if", fills, *arguments)
    assert code == 0
    assert "not possible now: 200.00" in out
    assert "split: 180.00 for the trader, 20.00 for the firm" in out
    assert "qualifying days: " in out
    assert "after it: balance " in out


def test_what_if_for_machines(capsys: Captured, fills: Path) -> None:
    arguments = ["--program", "topstep-50k", "--stage", "xfa", "--payout", "200", "--json"]
    _, out, _ = run(capsys, "what-if", fills, *arguments)
    told = json.loads(out)
    assert told["quote"]["amount"] == "200.00"
    assert told["quote"]["eligible"] is False
    assert set(told["distances"]) == {"to_floor", "to_day_floor", "to_target", "today", "positions"}
    assert len(told["reservations"]) == 1  # one of the fills was held past flat-by


# ------------------------------------------------------------ keys


def test_a_new_key_is_for_its_owner_alone_and_never_shown(capsys: Captured, tmp_path: Path) -> None:
    path = tmp_path / "firm.pem"
    code, out, err = run(capsys, "keys", "create", path)
    assert (code, err) == (0, "")
    assert path.stat().st_mode & 0o777 == 0o600
    assert "PRIVATE" not in out
    assert "PUBLIC KEY" in Path(f"{path}.pub").read_text("ascii")


@pytest.mark.parametrize("existing", ["firm.pem", "firm.pem.pub"])
def test_a_key_is_never_written_over(capsys: Captured, tmp_path: Path, existing: str) -> None:
    (tmp_path / existing).write_bytes(b"precious")
    code, _, err = run(capsys, "keys", "create", tmp_path / "firm.pem")
    assert code == 2
    assert "is there already" in err
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [(existing, b"precious")]
