"""Files are written whole or not at all, and not over something where that was not asked for."""

import pytest

from lunar_env.errors import LunarEnvError
from lunar_env.files import OutputExistsError, beside, free_name, refuse_taken, written_whole


def test_a_file_appears_whole(tmp_path):
    path = tmp_path / "a.json"
    with beside(path) as temporary:
        assert temporary.parent == path.parent
        assert temporary.suffix == path.suffix
        temporary.write_text("half")
        assert not path.exists()
        temporary.write_text("whole")
    assert path.read_text() == "whole"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("end", [KeyboardInterrupt, ValueError, OSError])
def test_an_interrupted_write_leaves_what_was_there(tmp_path, end):
    path = tmp_path / "a.json"
    path.write_text("old")

    def interrupted():
        with beside(path) as temporary:
            temporary.write_text("half")
            raise end

    with pytest.raises(end):
        interrupted()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_taken_name_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "a.npz"
    path.write_text("mine")
    for refuse in (refuse_taken, free_name, lambda p: written_whole(p).__enter__()):
        with pytest.raises(OutputExistsError, match="exists"):
            refuse(path)
    assert path.read_text() == "mine"


def test_a_link_that_leads_nowhere_is_taken(tmp_path):
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputExistsError, match="exists"):
        refuse_taken(link)


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(LunarEnvError, match="there is no folder"):
        free_name(tmp_path / "none" / "a.npz")
    assert free_name(tmp_path / "a.npz") == tmp_path / "a.npz"


def test_what_the_system_refuses_is_one_clear_error(tmp_path):
    def full():
        with written_whole(tmp_path / "a.npz") as temporary:
            temporary.write_text("half")
            raise OSError(28, "No space left on device")

    with pytest.raises(LunarEnvError, match="cannot be written: No space left"):
        full()
    assert list(tmp_path.iterdir()) == []
