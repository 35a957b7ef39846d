import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from shared.keys import files
from shared.keys.files import LINK_KEY_VARIABLE, MASTER_KEY_VARIABLE, KeyMissing, Keys, create, digest_of


def test_keys_are_made_once_and_readable_by_their_owner_only(tmp_path: Path) -> None:
    create(tmp_path / "keys", ("one",), ("one", "case"))
    before = {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()}
    create(tmp_path / "keys", ("one",), ("one", "case"))
    assert {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()} == before
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {0o600}


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keys:
    """Keys of one department, whose permits are looked at each time they are asked for."""
    monkeypatch.setattr(files, "LOOK_S", 0.0)
    create(tmp_path, ("one",), ("one",))
    return Keys(tmp_path)


def test_a_department_added_later_may_write_as_itself_at_once(keys: Keys) -> None:
    assert {permit.department for permit in keys.permits().values()} == {"one", "*"}
    create(keys.directory, ("one", "two"), ("one", "two"))
    assert keys.permits()[digest_of(keys.api_key("two"))].source == "urn:yihu:two:desk"


def test_a_permit_taken_out_of_the_file_counts_no_more(keys: Keys) -> None:
    assert len(keys.permits()) == 3
    (keys.directory / "permits.json").write_text(json.dumps({}))
    assert keys.permits() == {}


def test_a_change_that_leaves_size_and_time_of_the_file_as_they_were_counts(keys: Keys) -> None:
    before, file = keys.permits(), keys.directory / "permits.json"
    stood = file.stat()
    file.write_text(file.read_text().replace("urn:yihu:one:desk", "urn:yihu:one:room"))
    os.utime(file, ns=(stood.st_atime_ns, stood.st_mtime_ns))
    assert file.stat().st_size == stood.st_size
    assert {permit.source for permit in keys.permits().values()} == {"urn:yihu:one:room", ""}
    assert keys.permits() != before


@pytest.mark.parametrize(
    "text",
    ["", '{"ab', "[]", '{"ab": 1}', '{"ab": {"department": "one", "source": "", "may": "everything"}}', None],
    ids=["empty", "half", "list", "no permit", "unknown right", "gone"],
)
def test_a_broken_file_of_permits_keeps_the_last_good_one_and_is_logged_once(
    keys: Keys, text: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    before, file = keys.permits(), keys.directory / "permits.json"
    whole = file.read_text()
    if text is None:
        file.unlink()
    else:
        file.write_text(text)
    assert [keys.permits() for _ in range(3)] == [before] * 3
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    with pytest.raises(KeyMissing):
        Keys(keys.directory).permits()
    file.write_text(whole.replace("urn:yihu:one:desk", "urn:yihu:one:room"))
    assert keys.permits() != before


def test_the_file_of_permits_is_read_a_few_times_a_second_however_often_it_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(tmp_path, ("one",), ("one",))
    keys, now = Keys(tmp_path), [100.0]
    monkeypatch.setattr(files.time, "monotonic", lambda: now[0])
    before = keys.permits()
    (tmp_path / "permits.json").write_text("{}")
    now[0] += files.LOOK_S / 2
    assert keys.permits() is before
    now[0] += files.LOOK_S / 2
    assert keys.permits() == {}
    assert files.LOOK_S < 1


def test_malformed_permits_are_not_written_over(tmp_path: Path) -> None:
    create(tmp_path, ("one",), ("one",))
    (tmp_path / "permits.json").write_text("nonsense")
    with pytest.raises(KeyMissing):
        create(tmp_path, ("one", "two"), ("one", "two"))
    assert (tmp_path / "permits.json").read_text() == "nonsense"


def test_a_key_from_the_environment_leaves_no_other_one_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LINK_KEY_VARIABLE, "ab" * 32)
    create(tmp_path, ("one",), ("one",))
    assert Keys(tmp_path).link == bytes.fromhex("ab" * 32)
    monkeypatch.delenv(LINK_KEY_VARIABLE)
    with pytest.raises(KeyMissing):
        _ = Keys(tmp_path).link


def test_a_malformed_key_is_no_key(tmp_path: Path) -> None:
    create(tmp_path, ("one",), ("one",))
    (tmp_path / "one.master").write_text("nonsense")
    with pytest.raises(KeyMissing, match="key_missing"):
        Keys(tmp_path).master("one")


def test_of_several_that_make_keys_at_the_same_time_all_have_the_same_ones(tmp_path: Path) -> None:
    for attempt in range(5):
        directory, start = tmp_path / str(attempt), Barrier(8)

        def make(_: int, directory: Path = directory, start: Barrier = start) -> set[bytes]:
            start.wait()
            create(directory, ("one",), ("one", "case"))
            keys = Keys(directory)
            return {keys.master("one"), keys.link, keys.signer("one").verifier.public_key, keys.api_key("one").encode()}

        with ThreadPoolExecutor(8) as pool:
            made = list(pool.map(make, range(8)))
        assert all(one == made[0] for one in made)
        assert Keys(directory).verifier("one").public_key in made[0]
        assert not list(directory.glob("*.new"))


def test_each_service_has_a_master_key_of_its_own(tmp_path: Path) -> None:
    create(tmp_path, ("one",), ("one", "case"))
    keys = Keys(tmp_path)
    assert keys.master("one") != keys.master("case")
    assert not (tmp_path / "master").exists()
    with pytest.raises(KeyMissing):
        keys.master("two")


def test_a_master_key_comes_from_the_environment_for_one_service_or_for_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MASTER_KEY_VARIABLE, "ab" * 32)
    monkeypatch.setenv(f"{MASTER_KEY_VARIABLE}_ONE", "cd" * 32)
    create(tmp_path, ("one",), ("one", "case"))
    assert Keys(tmp_path).master("one") == bytes.fromhex("cd" * 32)
    assert Keys(tmp_path).master("case") == bytes.fromhex("ab" * 32)
    assert not list(tmp_path.glob("*master"))


def test_where_the_family_case_is_not_no_key_of_the_hub_is_made(tmp_path: Path) -> None:
    create(tmp_path, ("one",), ("one",), hub=False)
    assert [permit.department for permit in Keys(tmp_path).permits().values()] == ["one"]
    assert not (tmp_path / "hub.api").exists()
