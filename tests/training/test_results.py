"""Landings in Parquet, and the numbers computed from them."""

import json
import math
import re
from html.parser import HTMLParser

import numpy as np
import pytest

pytest.importorskip("pyarrow")

import pyarrow as pa
import pyarrow.parquet as pq

from lunar_env.errors import ConfigError
from training.benchmark.page_tables import tint
from training.report import hardest_scenario, summary_content, write_report
from training.results import AT_REST, SCHEMA, join, read_results, write_results
from training.summary import compare, groups, headline, summarise


@pytest.fixture
def two_pilots(make_landings):
    """Four landings each in two scenarios; the learned pilot lands one more in the second."""
    return join(
        [
            make_landings("learned", "ideal", [1, 1, 1, 1], traces=2),
            make_landings("hoverslam", "ideal", [1, 1, 1, 1], traces=2),
            make_landings("learned", "late", [1, 1, 1, 0], lost=[False] * 3 + [True], traces=2),
            make_landings("hoverslam", "late", [1, 0, 1, 0], lost=[False] * 3 + [True], traces=2),
        ]
    )


def test_results_are_read_back_equal(tmp_path, two_pilots):
    two_pilots["miss_m"][3] = math.nan
    write_results(tmp_path / "r.parquet", two_pilots, {"seed": 3})
    again, metadata = read_results(tmp_path / "r.parquet")
    assert metadata["seed"] == 3
    assert list(again) == [field.name for field in SCHEMA]
    for name, column in two_pilots.items():
        if name.startswith("trace"):
            assert all(
                (a is None and b is None) or np.array_equal(a, b)
                for a, b in zip(again[name], column, strict=True)
            )
        else:
            np.testing.assert_array_equal(again[name], column)


def test_results_without_the_columns_at_rest_are_read(tmp_path, two_pilots):
    write_results(tmp_path / "new.parquet", two_pilots, {"seed": 3})
    table = pq.read_table(tmp_path / "new.parquet")
    pq.write_table(table.drop_columns(list(AT_REST)), tmp_path / "old.parquet")
    again, metadata = read_results(tmp_path / "old.parquet")
    assert metadata["seed"] == 3
    assert all(np.isnan(again[name]).all() for name in AT_REST)
    np.testing.assert_array_equal(again["miss_m"], two_pilots["miss_m"])
    pq.write_table(table.drop_columns(["miss_m"]), tmp_path / "broken.parquet")
    with pytest.raises(ConfigError, match="column miss_m is missing"):
        read_results(tmp_path / "broken.parquet")


def test_equal_results_give_identical_files(tmp_path, two_pilots):
    for name in ("a", "b"):
        write_results(tmp_path / name, two_pilots, {"seed": 3})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_file_of_a_newer_version_is_named_with_both_versions(tmp_path, two_pilots):
    write_results(tmp_path / "r.parquet", two_pilots, {"seed": 3})
    table = pq.read_table(tmp_path / "r.parquet")
    newer = table.replace_schema_metadata(
        {"lunar-env-results": '{"format": "lunar-env-results/7"}'}
    )
    pq.write_table(newer, tmp_path / "newer.parquet")
    message = (
        "newer.parquet: has format lunar-env-results/7, of a newer .* reads lunar-env-results/3"
    )
    with pytest.raises(ConfigError, match=message):
        read_results(tmp_path / "newer.parquet")
    pq.write_table(table.replace_schema_metadata(None), tmp_path / "foreign.parquet")
    with pytest.raises(ConfigError, match="is not of format lunar-env-results/3"):
        read_results(tmp_path / "foreign.parquet")


def test_duplicate_landings_are_rejected(tmp_path, two_pilots):
    write_results(tmp_path / "r.parquet", two_pilots, {"seed": 3})
    table = pq.read_table(tmp_path / "r.parquet")
    for name, parts, twice in (
        ("whole", [table, table], "16 of 32 landings"),
        ("row", [table, table.slice(5, 1)], "1 of 17 landings"),
        ("part", [table.slice(0, 9), table.slice(7)], "2 of 18 landings"),
    ):
        path = tmp_path / f"{name}.parquet"
        pq.write_table(pa.concat_tables(parts), path)
        with pytest.raises(ConfigError, match=f"{name}.parquet: {twice} occur more than once"):
            read_results(path)
    with pytest.raises(ConfigError, match="4 of 8 landings occur more than once"):
        join([two_pilots_of(two_pilots, 4), two_pilots_of(two_pilots, 4)])
    pq.write_table(
        pa.concat_tables([table.slice(9), table.slice(0, 9)]), tmp_path / "turned.parquet"
    )
    assert len(read_results(tmp_path / "turned.parquet")[0]["landed"]) == 16


def two_pilots_of(landings, count):
    return {name: column[:count] for name, column in landings.items()}


def test_a_file_without_landings_is_a_one_line_error(tmp_path, two_pilots):
    write_results(tmp_path / "r.parquet", two_pilots_of(two_pilots, 0), {"seed": 3})
    with pytest.raises(ConfigError, match=r"r\.parquet: has no landings"):
        read_results(tmp_path / "r.parquet")


def test_a_report_of_several_missions_is_rejected(tmp_path, two_pilots):
    two_pilots["mission"][3] = "slim"
    with pytest.raises(ConfigError, match="are from hakuto-r-m2, slim"):
        write_report(tmp_path, two_pilots, {})
    assert not list(tmp_path.iterdir())


def test_other_files_are_rejected(tmp_path):
    path = tmp_path / "r.parquet"
    path.write_text("no")
    with pytest.raises(ConfigError, match=r"cannot be read as Parquet"):
        read_results(path)
    with pytest.raises(ConfigError, match=r"cannot be read: No such file"):
        read_results(tmp_path / "missing.parquet")


def test_the_summary_agrees_with_a_hand_computation(two_pilots):
    group = groups(two_pilots)[2]
    assert (group.pilot, group.scenario) == ("learned", "late")
    assert group.success[:3] == (3, 4, 0.75)
    assert group.lost.value == 0.25
    assert group.success_not_lost[:3] == (3, 3, 1.0)
    assert group.outcomes == {"LANDED": 3, "CRASHED": 1}
    # Three of the four at 1 m/s, one at 20 m/s.
    assert list(group.speed.values()) == [1.0, 20.0, 20.0, 20.0, 20.0]
    assert group.nominal.successes == 3


def test_the_headline_has_the_documented_keys(two_pilots):
    assert set(headline(groups(two_pilots)[0])) == {
        *("success", "success_low", "success_high", "lost", "saved", "attainable"),
        *("success_not_lost", "success_not_lost_low", "success_not_lost_high"),
        *("speed_p50", "speed_p95", "speed_p99", "speed_p997", "speed_max"),
    }


def test_landings_without_contact_have_no_speed(make_landings):
    group = summarise(make_landings("a", "b", [0, 0], speed=[math.nan, math.nan]))
    assert math.isnan(group.speed["max"])


def test_pilots_are_compared_in_pairs(two_pilots):
    assert compare(two_pilots, "late", "learned", "hoverslam")[:2] == (1, 0)
    two_pilots["seed"][-1] += 1
    with pytest.raises(ConfigError, match="same episodes"):
        compare(two_pilots, "late", "learned", "hoverslam")


def test_the_report_is_computed_from_the_file(tmp_path, two_pilots):
    write_results(tmp_path / "r.parquet", two_pilots, {"seed": 3, "command": "<x>"})
    landings, metadata = read_results(tmp_path / "r.parquet")
    summary = write_report(tmp_path, landings, metadata)
    written = json.loads((tmp_path / "summary.json").read_text())
    assert written == json.loads(json.dumps(summary)) == summary_content(two_pilots, metadata)
    assert written["format"] == "lunar-env-report/1"
    assert written["groups"][3]["success"] == 0.5
    assert written["comparisons"][1]["only_first"] == 1


def test_the_hardest_scenario_is_that_in_which_the_best_pilot_lands_least(make_landings):
    table = join(
        [
            make_landings("a", "latency", [0, 0, 0, 0]),
            make_landings("b", "latency", [1, 1, 1, 1]),
            make_landings("a", "late", [1, 1, 1, 0]),
            make_landings("b", "late", [1, 0, 1, 1]),
        ]
    )
    assert hardest_scenario(table) == "late"


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.external, self.counts = [], {}

    def handle_starttag(self, tag, attributes):
        self.counts[tag] = self.counts.get(tag, 0) + 1
        for name, value in attributes:
            if name in {"src", "href", "xlink:href"} and not value.startswith(("#", "data:")):
                self.external.append(value)


def test_the_report_page_is_self_contained(tmp_path, two_pilots):
    write_report(tmp_path, two_pilots, {"command": "<x>"})
    text = (tmp_path / "report.html").read_text()
    page = Links()
    page.feed(text)
    assert page.external == []
    assert page.counts["svg"] == 3
    assert page.counts["table"] == 2
    assert "&lt;x&gt;" in text
    # Stand-in colours were all replaced by the page's.
    assert "var(--p0)" in text
    assert "#0a0a0" not in text


def test_a_film_is_embedded_in_the_page(tmp_path, two_pilots):
    film = tmp_path / "landing.mp4"
    film.write_bytes(b"\0" * 100)
    write_report(tmp_path, two_pilots, {}, film)
    assert 'src="data:video/mp4;base64,' in (tmp_path / "report.html").read_text()


def test_a_report_of_one_pilot_without_traces_is_written(tmp_path, make_landings):
    write_report(tmp_path, make_landings("a", "b", [1, 0, 1]), {})
    text = (tmp_path / "report.html").read_text()
    page = Links()
    page.feed(text)
    assert page.counts["svg"] == 2  # no empty panel of heights that were not kept
    assert "In <strong>b</strong> it lands <strong>66.7 %</strong> of 3 episodes" in text
    for silly in ("lands most", "does best", "hardest", "same episodes", "in every panel"):
        assert silly not in text
    # Drawn at their size: never larger, and on a narrow page not so small that nobody reads it.
    assert len(re.findall(r'<svg style="max-width:\d+px;min-width:\d+px"', text)) == 2


def test_cell_colours_depend_on_the_share_landed():
    """From red over amber to green, not paler and paler green."""
    assert "var(--mid) 0%, var(--bad)" in tint(0.0)
    assert "var(--mid) 51%, var(--bad)" in tint(0.257)
    assert "var(--good) 0%, var(--mid)" in tint(0.5)
    assert "var(--good) 100%, var(--mid)" in tint(1.0)
