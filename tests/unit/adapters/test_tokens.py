"""A token is ours to the letter, or nobody's."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from propfirm.adapters.jwt.tokens import LIFE_S, BadSecret, JwtTokens, KeyRing
from propfirm.domain.ids import PersonId

NOW = 1_767_225_600
SECRET = "one key of thirty-two bytes at least"  # noqa: S105 - of this test alone
OLDER = "another key of thirty-two bytes too"
ANN = PersonId(UUID("01890000-0000-7000-8000-000000000001"))
RING = KeyRing(SECRET)
KID = RING.signing
HEADER = {"alg": "HS256", "typ": "at+jwt", "kid": KID}
CLAIMS: dict[str, Any] = {
    "iss": "propfirm",
    "aud": "propfirm",
    "sub": str(ANN),
    "role": "trader",
    "iat": NOW,
    "exp": NOW + LIFE_S,
}


def tokens(at: Callable[[], float] = lambda: NOW, ring: KeyRing = RING) -> JwtTokens:
    return JwtTokens(ring, at)


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(header: object, claims: object, secret: str = SECRET, digest: str = "sha256") -> str:
    content = f"{part(header)}.{part(claims)}"
    return f"{content}.{part(hmac.new(secret.encode(), content.encode(), digest).digest())}"


def test_a_token_made_by_hand_as_ours_are_is_read() -> None:
    # Every attack below differs from this one in a single point.
    found = tokens().read(signed(HEADER, CLAIMS))
    assert found is not None
    assert (found.person, found.role, found.until.timestamp()) == (ANN, "trader", NOW + LIFE_S)


def test_what_is_issued_is_read_until_its_time_is_over() -> None:
    now = float(NOW)
    ours = tokens(lambda: now)
    token, told = ours.issue(ANN, "support")
    assert ours.read(token) == told
    now += LIFE_S - 0.001
    assert ours.read(token) == told
    now += 0.001
    assert ours.read(token) is None
    assert tokens(lambda: now).read(token) is None


@pytest.mark.parametrize(
    "header",
    [
        {**HEADER, "alg": "none"},
        {**HEADER, "alg": "None"},
        {**HEADER, "alg": "HS512"},
        {**HEADER, "alg": "RS256"},
        {**HEADER, "alg": "hs256"},
        {**HEADER, "alg": ["HS256"]},
        {**HEADER, "typ": "JWT"},
        {**HEADER, "typ": "refresh"},
        {**HEADER, "kid": "00000000"},
        {**HEADER, "kid": "../../../../dev/null"},
        {**HEADER, "kid": "x' or '1'='1"},
        {**HEADER, "kid": 7},
        {**HEADER, "kid": [KID]},
        {**HEADER, "kid": None},
        {**HEADER, "crit": ["exp"]},
        {**HEADER, "crit": []},
        {**HEADER, "jwk": {"kty": "oct", "k": part(SECRET.encode())}},
        {**HEADER, "jku": "https://evil.example/keys"},
        {**HEADER, "x5u": "https://evil.example/cert"},
        {**HEADER, "zip": "DEF"},
        {**HEADER, "b64": False},
        {"alg": "HS256", "typ": "at+jwt"},
        {"typ": "at+jwt", "kid": KID},
        {},
        [],
        "text",
        None,
        b"\xff\xfe",
        b"[" * 5_000,
    ],
    ids=lambda header: str(header)[:60],
)
def test_a_header_that_is_not_ours_is_nobody_s(header: object) -> None:
    assert tokens().read(signed(header, CLAIMS)) is None


@pytest.mark.parametrize(
    "claims",
    [
        *({name: value for name, value in CLAIMS.items() if name != missing} for missing in CLAIMS),
        {**CLAIMS, "exp": NOW},
        {**CLAIMS, "exp": NOW - 1},
        {**CLAIMS, "exp": NOW + LIFE_S + 1},
        {**CLAIMS, "exp": NOW + 10 * 365 * 86_400},
        {**CLAIMS, "exp": str(NOW + LIFE_S)},
        {**CLAIMS, "exp": NOW + 0.5},
        {**CLAIMS, "exp": True},
        {**CLAIMS, "exp": 10**400},
        {**CLAIMS, "iat": NOW + 60, "exp": NOW + 120},
        {**CLAIMS, "iat": -(10**400)},
        {**CLAIMS, "iss": "evil"},
        {**CLAIMS, "iss": ["propfirm"]},
        {**CLAIMS, "aud": "other"},
        {**CLAIMS, "aud": ["propfirm", "other"]},
        {**CLAIMS, "aud": ["propfirm"]},
        {**CLAIMS, "sub": "ann"},
        {**CLAIMS, "sub": 7},
        {**CLAIMS, "sub": ""},
        {**CLAIMS, "role": "root"},
        {**CLAIMS, "role": "Admin"},
        {**CLAIMS, "role": ["admin"]},
        {**CLAIMS, "nbf": NOW + 60},
        {**CLAIMS, "scope": "everything"},
        [],
        7,
        "text",
        None,
        b"\xff\xfe",
        b"[" * 5_000,
    ],
    ids=lambda claims: str(claims)[:80],
)
def test_claims_that_are_not_as_we_write_them_are_nobody_s(claims: object) -> None:
    assert tokens().read(signed(HEADER, claims)) is None


@pytest.mark.parametrize("secret", ["", "x", OLDER, SECRET + "x"])
def test_a_token_of_another_key_is_nobody_s(secret: str) -> None:
    assert tokens().read(signed(HEADER, CLAIMS, secret)) is None


def test_a_signature_of_another_kind_is_nobody_s() -> None:
    assert tokens().read(signed(HEADER, CLAIMS, digest="sha512")) is None


def broken(token: str) -> list[str]:
    head, claims, seal = token.split(".")
    flipped = ("B" if claims[5] == "A" else "A").join((claims[:5], claims[6:]))
    return [
        "",
        ".",
        "..",
        "...",
        head,
        f"{head}.{claims}",
        f"{head}.{claims}.",
        f"{head}..{seal}",
        f".{claims}.{seal}",
        f"{head}.{flipped}.{seal}",
        f"{head}.{claims}.{seal[:-2]}",
        f"{token}.{seal}",
        f"{token}=",
        f" {token}",
        f"{token}\n",
        token.upper(),
        token + "A" * 3_000,
        "ä.ö.ü",
        "\x00",
    ]


@pytest.mark.parametrize("place", range(19))
def test_a_token_that_was_touched_is_nobody_s(place: int) -> None:
    assert tokens().read(broken(signed(HEADER, CLAIMS))[place]) is None


def test_a_key_that_was_turned_is_still_read_and_no_longer_signs() -> None:
    old, _ = tokens(ring=KeyRing(OLDER)).issue(ANN, "trader")
    both = tokens(ring=KeyRing(f"{SECRET},{OLDER}"))
    assert both.read(old) is not None
    assert tokens().read(both.issue(ANN, "trader")[0]) is not None
    assert tokens().read(old) is None


@pytest.mark.parametrize("secret", ["", "short", "x" * 31, f"{SECRET},", f"{SECRET},short", f"{SECRET},{SECRET}"])
def test_a_ring_of_weak_keys_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(BadSecret) as refused:
        KeyRing(secret)
    assert SECRET not in str(refused.value)


def test_keys_for_other_purposes_tell_nothing_of_each_other() -> None:
    one, other = RING.derive("cursors"), RING.derive("idempotency")
    assert one != other
    assert one == KeyRing(SECRET).derive("cursors")
    assert SECRET.encode() not in (one, hashlib.sha256(one).digest())
