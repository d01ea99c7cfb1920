import errno
import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from hypothesis import given
from hypothesis import strategies as st

from propfirm.adapters.ed25519.keys import (
    BadKey,
    Ed25519Verifier,
    KeyExists,
    create_key,
    load_key,
    load_public_key,
    public_pem,
)
from propfirm.application.ports.signing import key_id

check = Ed25519Verifier().verify


def kept(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    path.chmod(0o600)
    return path


def test_a_new_key_signs_and_its_file_gives_it_back(tmp_path: Path) -> None:
    signer = create_key(tmp_path / "firm.pem")
    signature = signer.sign(b"a head")
    assert load_key(tmp_path / "firm.pem").sign(b"a head") == signature
    assert signature.key_id == key_id(signer.public_key)
    assert len(signature.key_id) == 16
    assert (len(signature.public_key), len(signature.value)) == (32, 64)
    assert check(signature.public_key, b"a head", signature.value)


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o377])
def test_only_the_owner_may_read_a_new_key_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        create_key(tmp_path / "firm.pem")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "firm.pem").stat().st_mode) == 0o600


def test_no_key_is_written_over(tmp_path: Path) -> None:
    path = kept(tmp_path / "firm.pem", b"something precious")
    with pytest.raises(KeyExists):
        create_key(path)
    assert path.read_bytes() == b"something precious"
    link = tmp_path / "link.pem"
    link.symlink_to(tmp_path / "nowhere")
    with pytest.raises(KeyExists):
        create_key(link)
    assert not (tmp_path / "nowhere").exists()


def test_a_key_that_could_not_be_written_whole_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        with pytest.raises(BadKey, match="no space left"):
            create_key(tmp_path / "firm.pem")
    create_key(tmp_path / "firm.pem")


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    create_key(tmp_path / "firm.pem")
    for mode in (0o640, 0o604, 0o620):
        (tmp_path / "firm.pem").chmod(mode)
        with pytest.raises(BadKey, match="others than its owner"):
            load_key(tmp_path / "firm.pem")


def test_the_public_key_goes_out_and_comes_back(tmp_path: Path) -> None:
    signer = create_key(tmp_path / "firm.pem")
    path = tmp_path / "firm.pub"
    path.write_bytes(public_pem(signer.public_key))
    assert load_public_key(path) == signer.public_key


def test_a_private_key_is_not_taken_for_a_public_one(tmp_path: Path) -> None:
    create_key(tmp_path / "firm.pem")
    with pytest.raises(BadKey, match="it is a private key") as refusal:
        load_public_key(tmp_path / "firm.pem")
    assert "BEGIN" not in str(refusal.value)


def test_what_is_no_key_is_refused_with_the_file_and_the_reason(tmp_path: Path) -> None:
    other = generate_private_key(SECP256R1())
    signer = create_key(tmp_path / "firm.pem")
    own = load_pem_private_key((tmp_path / "firm.pem").read_bytes(), None)
    locked = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for content, reason in (
        (b"", "no private key"),
        (b"\x00\xff", "no private key"),
        (locked, "no private key"),
        (public_pem(signer.public_key), "it is a public key: sign with the private one"),
        (pem, "another kind"),
    ):
        with pytest.raises(BadKey, match=reason) as refusal:
            load_key(kept(tmp_path / "wrong.pem", content))
        assert refusal.value.source == str(tmp_path / "wrong.pem")
    public = other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for content, reason in ((b"?", "no public key"), (public, "another kind")):
        with pytest.raises(BadKey, match=reason):
            load_public_key(kept(tmp_path / "wrong.pub", content))


@pytest.mark.parametrize("name", ["missing", "folder", "no\0name"])
def test_a_file_that_cannot_be_read_or_made_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    for load in (load_key, load_public_key):
        with pytest.raises(BadKey):
            load(tmp_path / name)


def test_a_key_in_no_folder_cannot_be_made(tmp_path: Path) -> None:
    with pytest.raises(BadKey, match="no such file"):
        create_key(tmp_path / "nowhere" / "firm.pem")


@given(st.binary(max_size=70), st.binary(max_size=9), st.binary(max_size=70))
def test_no_bytes_bring_the_check_down(public_key: bytes, message: bytes, signature: bytes) -> None:
    assert check(public_key, message, signature) is False


def test_another_message_is_not_what_was_signed(tmp_path: Path) -> None:
    signature = create_key(tmp_path / "firm.pem").sign(b"a head")
    assert not check(signature.public_key, b"a heaD", signature.value)
