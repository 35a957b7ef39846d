import json
import os
from pathlib import Path

import pytest

from shared.keys.files import LINK_KEY_VARIABLE, KeyMissing, Keys, create, digest_of


def test_keys_are_made_once_and_readable_by_their_owner_only(tmp_path: Path) -> None:
    create(tmp_path / "keys", ("one",), ("one", "case"))
    before = {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()}
    create(tmp_path / "keys", ("one",), ("one", "case"))
    assert {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()} == before
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {0o600}


def test_a_department_added_later_may_write_as_itself_at_once(tmp_path: Path) -> None:
    create(tmp_path, ("one",), ("one",))
    keys = Keys(tmp_path)
    assert {permit.department for permit in keys.permits().values()} == {"one", "*"}
    create(tmp_path, ("one", "two"), ("one", "two"))
    os.utime(tmp_path / "permits.json", ns=(1, 1))
    assert keys.permits()[digest_of(keys.api_key("two"))].source == "urn:yihu:two:desk"


def test_a_permit_taken_out_of_the_file_counts_no_more(tmp_path: Path) -> None:
    create(tmp_path, ("one",), ("one",))
    keys = Keys(tmp_path)
    assert len(keys.permits()) == 2
    (tmp_path / "permits.json").write_text(json.dumps({}))
    os.utime(tmp_path / "permits.json", ns=(1, 1))
    assert keys.permits() == {}


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
    (tmp_path / "master").write_text("nonsense")
    with pytest.raises(KeyMissing, match="key_missing"):
        _ = Keys(tmp_path).master
