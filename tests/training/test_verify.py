"""``verify``: a card is believed only as far as its landings can be flown again."""

import json

import pytest

pytest.importorskip("stable_baselines3")

from training.cli import main
from training.config import PpoConfig, SelectionConfig, TaskConfig, TrainConfig, WorldConfig
from training.train import train

TINY = TrainConfig(
    total_steps=256,
    torch_threads=1,
    task=TaskConfig(
        num_envs=16,
        num_threads=1,
        worlds=(WorldConfig(scenario="noisy"), WorldConfig(scenario="everything", weight=2.0)),
    ),
    ppo=PpoConfig(n_steps=16, batch_size=64, n_epochs=1),
    selection=SelectionConfig(every_steps=256, landings=4, report_landings=9, report_seed=4),
)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    train(TINY, folder)
    return folder


def test_the_landings_of_a_card_are_flown_again(run, capsys):
    assert main(["verify", str(run), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["same"]
    assert [row["world"] for row in result["worlds"]] == [
        "hakuto-r-m2 noisy terminal",
        "hakuto-r-m2 everything terminal",
    ]
    assert [row["landings"] for row in result["worlds"]] == [3, 6]


def test_a_card_that_says_too_much_is_told(run, tmp_path, capsys):
    for suffix in (".json", ".safetensors"):
        (tmp_path / f"policy{suffix}").write_bytes((run / f"policy{suffix}").read_bytes())
    card = json.loads((tmp_path / "policy.json").read_text())
    said = card["scores"]["bench"]["worlds"][1]
    said |= {"success": 1.0, "success_low": 0.9, "success_high": 1.0}
    (tmp_path / "policy.json").write_text(json.dumps(card))
    assert main(["verify", str(tmp_path / "policy.json")]) == 1
    error = capsys.readouterr().err
    assert "lands another share than its card says, beyond its interval, in hakuto-r-m2" in error


def test_wrong_names_and_cards_are_told(run, tmp_path, capsys):
    assert main(["verify", "throttle-m3"]) == 1
    assert "no policy 'throttle-m3'" in capsys.readouterr().err
    for suffix in (".json", ".safetensors"):
        (tmp_path / f"policy{suffix}").write_bytes((run / f"policy{suffix}").read_bytes())
    card = json.loads((tmp_path / "policy.json").read_text())
    card["training"]["config"]["task"]["num_env"] = 3
    (tmp_path / "policy.json").write_text(json.dumps(card))
    assert main(["verify", str(tmp_path / "policy.json")]) == 1
    assert "num_env" in capsys.readouterr().err
    del card["scores"]["bench"]
    (tmp_path / "policy.json").write_text(json.dumps(card))
    assert main(["verify", str(tmp_path / "policy.json")]) == 1
    assert "its card holds no benchmark landings" in capsys.readouterr().err
