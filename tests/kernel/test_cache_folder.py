"""Folders of machine code: only trusted ones are read, only own ones are removed."""

import errno
import os
import stat
import time
from pathlib import Path

import pytest

from lunar_env.kernel import cache_folder
from lunar_env.kernel.cache_folder import CacheProblem, base_folder, contents, digest_folder
from lunar_env.kernel.compile import KERNELS, entry

OLD = time.time() - 60 * 24 * 3600.0
DIGEST = "0123456789abcdef"


def age(*paths):
    for path in paths:
        os.utime(path, (OLD, OLD), follow_symlinks=False)


def test_the_cache_root_is_the_users_or_the_default(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", "/standard")
    monkeypatch.setenv("LUNAR_ENV_CACHE_DIR", "~/mine")
    assert base_folder() == tmp_path / "mine" / "lunar_env"
    monkeypatch.setenv("LUNAR_ENV_CACHE_DIR", "")
    assert base_folder() == Path("/standard/lunar_env")
    for unset in ("", "relative"):
        monkeypatch.setenv("XDG_CACHE_HOME", unset)
        assert base_folder() == tmp_path / ".cache" / "lunar_env"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LUNAR_ENV_CACHE_DIR", "here")
    assert base_folder() == tmp_path / "here" / "lunar_env"


@pytest.mark.parametrize("chosen", ["", "~nobody-of-this-name/cache"])
def test_without_a_home_folder_there_is_no_cache_folder(chosen, monkeypatch):
    def nobody(_):
        raise KeyError

    monkeypatch.setattr("pwd.getpwuid", nobody)
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("LUNAR_ENV_CACHE_DIR", chosen)
    with pytest.raises(CacheProblem, match="Could not determine home directory"):
        base_folder()


def foreign_folders(cache):
    """Folders that others made, old and like those of the cache in some respect."""
    elsewhere = cache / "elsewhere"
    made = digest_folder("1" * 16)
    marker = made / "CACHEDIR.TAG"
    base = made.parent
    named = base / f"kernels-{'2' * 16}"  # the name, no marker
    others = base / f"kernels-{'3' * 16}"  # the name, the marker of another program
    marked = base / "thesis"  # the marker, not the name
    for folder in (cache / "thesis", elsewhere, named, others, marked):
        folder.mkdir()
        (folder / "data.code").write_bytes(b"work of years")
    (others / marker.name).write_bytes(marker.read_bytes()[:44] + b"of another program\n")
    (marked / marker.name).write_bytes(marker.read_bytes())
    (elsewhere / marker.name).write_bytes(marker.read_bytes())
    link = base / f"kernels-{'4' * 16}"
    link.symlink_to(elsewhere, target_is_directory=True)
    for path in sorted(cache.rglob("*"), reverse=True):
        age(path)
    return made, {path for path in cache.rglob("*") if made not in (path, *path.parents)}


@pytest.mark.parametrize("remove", [cache_folder.prune, cache_folder.clear])
def test_only_own_folders_are_removed(remove, cache):
    own, foreign = foreign_folders(cache)
    remove()
    assert not own.exists()
    assert set(cache.rglob("*")) == foreign
    assert all(path.read_bytes() for path in foreign if path.is_file())


def test_foreign_files_in_a_cache_folder_are_kept(cache):
    own = digest_folder(DIGEST)
    cache_folder.write(own / "f.code", b"code")
    (own / "notes.txt").write_text("mine", encoding="utf-8")
    assert cache_folder.clear() > 0
    assert sorted(path.name for path in own.iterdir()) == ["CACHEDIR.TAG", "notes.txt"]


def test_recently_used_folders_are_kept(cache):
    """A folder's own time says nothing of its files'."""
    own = digest_folder(DIGEST)
    for name in ("fresh.code", "read.code", "old.code"):
        cache_folder.write(own / name, name.encode())
        age(own / name)
    (own / "killed.code.12ab34cd.part").write_bytes(b"half")
    age(own / "killed.code.12ab34cd.part")
    os.utime(own / "fresh.code")
    assert cache_folder.read(own / "read.code") == b"read.code"
    age(own / "CACHEDIR.TAG", own)
    cache_folder.prune()
    assert sorted(path.name for path in own.iterdir()) == [
        *("CACHEDIR.TAG", "fresh.code", "read.code")
    ]


def test_a_folder_just_opened_by_a_process_is_kept(cache):
    own = digest_folder(DIGEST)
    age(own / "CACHEDIR.TAG", own)
    assert digest_folder(DIGEST) == own
    cache_folder.prune()
    assert own.is_dir()


def test_contents_are_what_was_written(cache):
    assert contents() == []
    for digest, names in (("1" * 16, ("a.f-12", "a.f-34", "b.g-56")), ("2" * 16, ())):
        for name in names:
            cache_folder.write(digest_folder(digest) / f"{name}.code", b"code")
        age(digest_folder(digest) / "CACHEDIR.TAG")
    newest, oldest = contents()
    assert (newest.digest, newest.entries) == ("1" * 16, ("a.f", "b.g"))
    assert (oldest.digest, oldest.entries) == ("2" * 16, ())
    assert oldest.last_used == pytest.approx(OLD)
    files = (cache / "lunar_env" / f"kernels-{'1' * 16}").iterdir()
    assert newest.size == sum(path.stat().st_size for path in files)


LEVELS = ["", "lunar_env", f"lunar_env/kernels-{DIGEST}", f"lunar_env/kernels-{DIGEST}/f.code"]


def found(folder):
    """What is read where `written` wrote."""
    return cache_folder.read(digest_folder(DIGEST) / "f.code")


@pytest.fixture
def written(cache):
    cache_folder.write(digest_folder(DIGEST) / "f.code", b"code")
    assert found(cache) == b"code"
    return cache


@pytest.mark.parametrize("level", LEVELS)
def test_folders_that_others_can_write_are_not_read(level, written):
    path = written / level
    path.chmod(path.stat().st_mode | stat.S_IWOTH)
    with pytest.raises(CacheProblem, match="can be written by other users"):
        found(written)
    path.chmod(path.stat().st_mode & ~stat.S_IWOTH)
    assert found(written) == b"code"


@pytest.mark.parametrize("level", LEVELS)
def test_group_writable_folders_are_read_if_the_group_is_the_users_own(level, written, monkeypatch):
    path = written / level
    path.chmod(path.stat().st_mode | stat.S_IWGRP)
    own = path.stat().st_gid
    monkeypatch.setattr(os, "getegid", lambda: own)
    assert found(written) == b"code"
    monkeypatch.setattr(os, "getegid", lambda: own + 1)
    with pytest.raises(CacheProblem, match="can be written by other users"):
        found(written)


def test_folders_of_another_user_are_not_read(written, monkeypatch):
    owner = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    if owner == 0:  # whoever is root needs no cache to run code
        assert found(written) == b"code"
        for path in (written, *written.rglob("*")):
            os.chown(path, 1234, 1234)
    for level in LEVELS:
        with pytest.raises(CacheProblem, match="belongs to another user"):
            cache_folder._check_owner(written / level, (written / level).stat())
    with pytest.raises(CacheProblem, match="belongs to another user"):
        found(written)


def test_no_folder_is_created_in_an_untrusted_root(cache):
    cache.mkdir()
    cache.chmod(0o777)
    with pytest.raises(CacheProblem, match="not trusted"):
        digest_folder(DIGEST)
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("umask", [0o000, 0o002, 0o022, 0o077])
def test_created_folders_are_trusted_for_any_umask(umask, cache):
    before = os.umask(umask)
    try:
        cache_folder.write(digest_folder(DIGEST) / "f.code", b"code")
    finally:
        os.umask(before)
    assert found(cache) == b"code"


def test_the_folder_of_a_digest_is_no_link(cache, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    base = digest_folder("1" * 16).parent
    (base / f"kernels-{DIGEST}").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CacheProblem, match="is a link"):
        digest_folder(DIGEST)


@pytest.mark.parametrize("level", LEVELS[:-1])
def test_a_file_in_place_of_a_folder_is_a_problem(level, cache):
    path = cache / level
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("in the way", encoding="utf-8")
    with pytest.raises(CacheProblem, match=str(cache)):
        digest_folder(DIGEST)
    assert path.read_text(encoding="utf-8") == "in the way"


def spoil(path, how):
    content = path.read_bytes()
    path.unlink()
    if how == "pipe":
        os.mkfifo(path)
    elif how == "folder":
        path.mkdir()
    elif how == "link":
        path.with_name("other").write_bytes(content)
        path.symlink_to("other")
    else:
        flipped = content[:100] + bytes([content[100] ^ 1]) + content[101:]
        spoilt = {"empty": b"", "cut": content[:-1], "longer": content + b"0", "flipped": flipped}
        path.write_bytes({**spoilt, "random": bytes(range(256)) * 40}[how])


@pytest.mark.parametrize(
    "how", ["empty", "cut", "longer", "flipped", "random", "pipe", "folder", "link"]
)
def test_a_damaged_cache_file_is_not_read(how, cache):
    path = digest_folder(DIGEST) / "f.code"
    cache_folder.write(path, b"code" * 50)
    spoil(path, how)
    with pytest.raises(CacheProblem, match=str(path)):
        cache_folder.read(path)


class FullDisk:
    """A file of which the disk holds the first half."""

    def __init__(self, path, mode, opener=None):
        self.file = open(path, mode, opener=opener)  # noqa: SIM115

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def write(self, content):
        self.file.write(content[: len(content) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_keeps_earlier_files(cache, monkeypatch):
    folder = digest_folder(DIGEST)
    cache_folder.write(folder / "f.code", b"before")
    monkeypatch.setattr(cache_folder, "open", FullDisk, raising=False)
    with pytest.raises(CacheProblem, match="No space left on device"):
        cache_folder.write(folder / "f.code", b"after it")
    monkeypatch.undo()
    assert sorted(path.name for path in folder.iterdir()) == ["CACHEDIR.TAG", "f.code"]
    assert cache_folder.read(folder / "f.code") == b"before"


def test_a_full_disk_is_a_one_line_error_for_all_entries(cache, monkeypatch, capsys):
    @entry
    def third_of(x):
        return x / 3.0

    @entry
    def half_of(x):
        return x / 2.0

    digest_folder(KERNELS.digest)  # there is room for folders only
    monkeypatch.setattr(cache_folder, "open", FullDisk, raising=False)
    monkeypatch.setattr(cache_folder, "_is_marked", bool)
    assert (third_of(6.0), half_of(6.0)) == (2.0, 3.0)
    said = capsys.readouterr().err.splitlines()
    (line,) = (line for line in said if "compiling" not in line)
    assert "machine code is not kept" in line
    assert line.endswith("No space left on device")
    assert len(said) == 3
    assert list(cache.rglob("*.code*")) == []
