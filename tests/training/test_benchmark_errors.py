"""What the command of a benchmark refuses before anything is made or lost."""

from pathlib import Path

import pytest

pytest.importorskip("pyarrow")

from tests.training.benchmarks import WORDS
from training.cli import main


def test_a_benchmark_does_not_overwrite_a_folder(tmp_path, capsys):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "mine").write_text("mine")
    assert main([*WORDS, "--out", str(tmp_path / "b")]) == 1
    assert "exists" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "b").iterdir()] == ["mine"]
    assert main([*WORDS, "--out", str(tmp_path / "b"), "--resume"]) == 1
    assert "is not a benchmark folder: it holds no benchmark.json" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--pilots", "hoverslam+naiv"], "did you mean 'hoverslam+naive'"),
        (
            ["--pilots", "hoverslam+naive,hoverslam+naive"],
            "--pilots: 'hoverslam+naive' is given twice",
        ),
        (["--missions", "slim,slim"], "--missions: 'slim' is given twice"),
        (["--scenarios", "ideal,noisy,ideal"], "--scenarios: 'ideal' is given twice"),
        (["--bounds", "--control", "actuators"], "--bounds: no pilot"),
        (["--pilots", ","], "pilots is empty"),
        (["--landings", "0"], "--landings 0: must be"),
        (["--workers", "0"], "--workers 0: must be"),
    ],
)
def test_wrong_benchmark_options_are_rejected_before_a_folder_is_created(
    tmp_path, capsys, words, message
):
    assert main([*WORDS, *words, "--out", str(tmp_path / "b")]) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "b").exists()


def test_a_name_and_its_file_are_the_same_scenario(tmp_path, capsys):
    file = Path("lunar_env/data/scenarios/ideal.toml").resolve()
    words = ["--scenarios", "ideal", str(file), "--out", str(tmp_path / "b")]
    assert main([*WORDS, *words]) == 1
    assert "--scenarios: 'ideal' is given twice, as 'ideal' and as '/" in capsys.readouterr().err
