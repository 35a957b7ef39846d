import base64
import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Broken
from shared.keys.signing import Checkpoint, Signer, Verifier, message_digest
from shared.log.evidence import Tree, leaf_hash, node_hash

LOG = Signer("yihu/education", bytes(range(32)))
OTHER_KEY = Signer("yihu/education", bytes(range(1, 33)))
OTHER_LOG = Signer("yihu/finance", bytes(range(32)))
ROOT = hashlib.sha256(b"a root").digest()
FACTS = {"verdict": "recorded", "log": "yihu/education", "position": 7, "id": "e-7", "leaf": "ab" * 32}

# Certificate Transparency's reference data: eight inputs, and the root over the first n of them.
CT_INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def mth(entries: list[bytes]) -> bytes:
    """Return the Merkle tree hash as RFC 6962, 2.1 defines it: by recursion over the whole list."""
    if not entries:
        return hashlib.sha256().digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return hashlib.sha256(b"\x01" + mth(entries[:split]) + mth(entries[split:])).digest()


def tree_of(entries: list[bytes]) -> Tree:
    tree = Tree()
    tree.extend(leaf_hash(entry) for entry in entries)
    return tree


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert bytes.fromhex(CT_ROOTS[size]) == tree_of(CT_INPUTS[:size]).root


def test_leaves_and_nodes_are_told_apart() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


@given(st.lists(st.binary(max_size=8), max_size=200))
def test_a_growing_tree_has_the_root_of_the_definition(entries: list[bytes]) -> None:
    tree = tree_of(entries)
    assert mth(entries) == tree.root
    assert len(entries) == tree.size
    assert tree.whole


def test_every_size_up_to_200_has_the_root_of_the_definition() -> None:
    entries = [bytes([number]) for number in range(200)]
    tree = Tree()
    for size, entry in enumerate(entries, 1):
        tree.append(leaf_hash(entry))
        assert mth(entries[:size]) == tree.root


@given(st.lists(st.binary(max_size=4), min_size=2, max_size=60, unique=True), st.data())
def test_a_change_a_swap_a_deletion_an_insertion_and_a_truncation_change_the_root(
    entries: list[bytes], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(entries) - 2))
    changed, swapped = list(entries), list(entries)
    changed[place] += b"!"
    swapped[place], swapped[place + 1] = swapped[place + 1], swapped[place]
    others = [
        changed,
        swapped,
        entries[:place] + entries[place + 1 :],
        [*entries[:place], b"insert", *entries[place:]],
        entries[:-1],
    ]
    assert tree_of(entries).root not in {tree_of(other).root for other in others}


@pytest.mark.parametrize(
    ("size", "peaks"), [(0, [ROOT]), (3, [ROOT]), (3, [ROOT] * 3), (4, [ROOT, ROOT]), (1, [ROOT[:31]]), (2, [])]
)
def test_stored_peaks_that_cannot_belong_to_the_size_are_not_whole(size: int, peaks: list[bytes]) -> None:
    assert not Tree(size, peaks).whole


def test_a_checkpoint_is_a_c2sp_note_that_anyone_with_the_public_key_reads() -> None:
    note = LOG.checkpoint(42, ROOT)
    body, signature = note.split("\n\n")
    assert ["yihu/education", "42", base64.b64encode(ROOT).decode(), "suite intl"] == body.split("\n")
    assert signature.startswith("— yihu/education ")
    assert signature.endswith("\n")
    assert Checkpoint("yihu/education", 42, ROOT) == Verifier("yihu/education", LOG.verifier.public_key).checkpoint(
        note
    )


def test_the_same_log_signs_the_same_checkpoint() -> None:
    assert LOG.checkpoint(42, ROOT) == LOG.checkpoint(42, ROOT)


def test_no_byte_of_a_checkpoint_can_be_changed() -> None:
    note = LOG.checkpoint(42, ROOT).encode()
    for place in range(len(note)):
        for bit in range(8):
            forged = bytearray(note)
            forged[place] ^= 1 << bit
            with pytest.raises(Broken):
                LOG.verifier.checkpoint(forged.decode("utf-8", "replace"))


def without_mark(note: str) -> str:
    return note.replace("— ", "")


def without_last_line(note: str) -> str:
    return note.replace("suite intl\n", "")


def with_another_size(note: str) -> str:
    return note.replace("\n42\n", "\n41\n")


def with_another_line(note: str) -> str:
    return note.replace("suite intl\n", "suite intl\nmore\n")


def with_text_after_it(note: str) -> str:
    return note + "more"


def with_a_line_after_it(note: str) -> str:
    return note + "\n"


def with_another_name(note: str) -> str:
    return note.replace("yihu/education", "yihu/finance")


@pytest.mark.parametrize(
    "forge",
    [
        without_mark,
        without_last_line,
        with_another_size,
        with_another_line,
        with_text_after_it,
        with_a_line_after_it,
        with_another_name,
    ],
)
def test_a_checkpoint_with_a_changed_part_is_broken(forge: Any) -> None:
    note = LOG.checkpoint(42, ROOT)
    assert note != forge(note)
    with pytest.raises(Broken) as broken:
        LOG.verifier.checkpoint(forge(note))
    assert broken.value.code == "checkpoint_not_signed"


@pytest.mark.parametrize("other", [OTHER_KEY, OTHER_LOG])
def test_a_checkpoint_of_another_log_or_key_is_broken(other: Signer) -> None:
    with pytest.raises(Broken):
        LOG.verifier.checkpoint(other.checkpoint(42, ROOT))


@pytest.mark.parametrize(
    "text", ["", "\n", "\n\n", "yihu/education\n42\n\n— yihu/education AAAA\n", "你好", "x" * 10_000]
)
def test_what_is_no_checkpoint_is_broken(text: str) -> None:
    with pytest.raises(Broken):
        LOG.verifier.checkpoint(text)


def test_a_receipt_holds_with_the_public_key_alone() -> None:
    receipt = LOG.receipt(FACTS)
    assert receipt.items() >= FACTS.items()
    assert receipt["suite"] == "intl"
    assert LOG.verifier.key_id == receipt["key"]
    assert Verifier("yihu/education", LOG.verifier.public_key).receipt(receipt)


@pytest.mark.parametrize("name", [*FACTS, "suite", "key", "signature"])
def test_a_receipt_with_a_changed_or_missing_field_does_not_hold(name: str) -> None:
    receipt = LOG.receipt(FACTS)
    assert not LOG.verifier.receipt(receipt | {name: 8 if name == "position" else "x" + str(receipt[name])})
    assert not LOG.verifier.receipt({key: value for key, value in receipt.items() if key != name})


def test_a_receipt_with_a_field_more_does_not_hold() -> None:
    assert not LOG.verifier.receipt(LOG.receipt(FACTS) | {"remarks": ["time_in_the_future"]})


def test_no_character_of_a_receipts_signature_can_be_changed() -> None:
    receipt = LOG.receipt(FACTS)
    for place, character in enumerate(receipt["signature"]):
        for other in {chr(ord(character) ^ 1), "A", "="} - {character}:
            changed = receipt["signature"][:place] + other + receipt["signature"][place + 1 :]
            assert not LOG.verifier.receipt(receipt | {"signature": changed}), (place, other)


def test_a_signature_written_in_another_way_does_not_hold() -> None:
    """The last character of base64 has bits that mean nothing; they cannot be used either."""
    receipt = LOG.receipt(FACTS)
    signature = receipt["signature"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = alphabet[alphabet.index(signature[-3]) ^ 1]
    changed = signature[:-3] + other + "=="
    assert base64.b64decode(changed) == base64.b64decode(signature)
    assert not LOG.verifier.receipt(receipt | {"signature": changed})


@pytest.mark.parametrize("value", [None, 9, "", "é", ["x"], 2**70, "\ud800", float("nan")])
def test_a_hostile_receipt_does_not_hold_and_raises_nothing(value: Any) -> None:
    receipt = LOG.receipt(FACTS)
    assert not LOG.verifier.receipt(receipt | {"signature": value})
    assert not LOG.verifier.receipt(receipt | {"position": value})
    assert not LOG.verifier.receipt({})


@pytest.mark.parametrize("other", [OTHER_KEY, OTHER_LOG])
def test_a_receipt_of_another_log_or_key_does_not_hold(other: Signer) -> None:
    assert not LOG.verifier.receipt(other.receipt(FACTS))


def test_a_signed_message_is_bound_to_its_log_and_its_body() -> None:
    signature = LOG.sign(message_digest("yihu/education", b"[]"))
    assert LOG.verifier.holds(message_digest("yihu/education", b"[]"), signature)
    assert not LOG.verifier.holds(message_digest("yihu/education", b"[] "), signature)
    assert not LOG.verifier.holds(message_digest("yihu/finance", b"[]"), signature)


@given(st.text(max_size=9), st.binary(max_size=9), st.text(max_size=9), st.binary(max_size=9))
def test_two_messages_have_one_digest_only_if_they_are_the_same(
    log: str, body: bytes, other_log: str, other_body: bytes
) -> None:
    same = message_digest(log, body) == message_digest(other_log, other_body)
    assert ((log, body) == (other_log, other_body)) == same


def test_what_is_signed_as_one_thing_holds_as_no_other() -> None:
    """A checkpoint's, a receipt's and a message's signature are over texts that can never be equal."""
    begins = {
        LOG.checkpoint(1, ROOT).encode()[:6],
        message_digest("yihu/education", b"[]")[:6],
        b'{"id":',
    }
    assert {b"yihu/e", b"yihu m", b'{"id":'} == begins
