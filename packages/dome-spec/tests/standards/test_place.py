"""The place of a trial: what is changed there is seen, whoever hides it; a scratch place is the same again and goes."""

import os
from pathlib import Path

import pytest

from dome_spec.kernel import Repository
from dome_spec.standards import DirectoryTooLarge, Place, scratch, spared


def test_a_scratch_place_is_a_repository_that_is_gone_afterwards(tmp_path: Path) -> None:
    with scratch(tmp_path / "trials" / "one") as place:
        with Repository.find(place.directory) as repository:
            assert repository.root == place.directory.resolve()
            assert repository.staged_paths() == repository.edited_paths() == []
        assert (place.directory / "README.md").read_text()
    assert not (tmp_path / "trials" / "one").exists()


def test_every_change_is_seen_inside_and_beside(tmp_path: Path) -> None:
    with scratch(tmp_path / "trial") as place:
        before = place.look()
        assert place.changed(before, place.look()) == ()
        readme = place.directory / "README.md"
        old = readme.stat()
        readme.write_text(readme.read_text().replace("hello", "hullo"))
        os.utime(readme, ns=(old.st_atime_ns, old.st_mtime_ns))
        (place.directory / "src" / "greetings.py").unlink()
        (place.watched / "beside" / "stray").write_text("")
        os.symlink("/etc/passwd", place.directory / "link")
        (place.directory / "tests").chmod(0o700)
        changed = place.changed(before, place.look())
        assert changed == ("../beside/stray", "README.md", "link", "src/greetings.py", "tests")
        place.renew()
        assert (place.directory / "src" / "greetings.py").is_file()
        assert not (place.watched / "beside" / "stray").exists()


def test_a_spared_directory_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    place = spared(tmp_path)
    before = place.look()
    place.renew()
    assert place.changed(before, place.look()) == ()


def test_a_directory_that_is_too_large_to_be_watched_is_refused(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_text("")
    with pytest.raises(DirectoryTooLarge):
        Place(tmp_path, tmp_path, is_scratch=False, files_max=2).look()
