"""What the surroundings decide, read once at the start: every mistake is told at once, by name, never by value."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final, Literal, TypeAlias, TypeVar

from msgspec import Struct

from propfirm.domain.errors import Refused
from propfirm.domain.identity.people import BadAddress, address
from propfirm.entrypoints.database_url import WRITTEN_TO, database_url

Environment: TypeAlias = Literal["development", "production"]

PREFIX: Final = "PROPFIRM_"
SECRET_MIN: Final = 32
"""Bytes: less can be guessed."""

LAPTOP: Final = ("127.0.0.1", "localhost")

KNOWN_SECRETS: Final = ("changeme", "secret", "password", "example", "test")


class Secret:
    """A value that no log, error or print shows. ``reveal`` is easy to find in the code."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> str:
        msg = "a secret is not written anywhere"
        raise TypeError(msg)


class Settings(Struct, frozen=True, kw_only=True):
    """database_url None: the embedded server, in ``state``. reader_url: for lists and reports only. admin_password: of
    somebody new among the staff (`propfirm db seed`, `users create`). operator: who acts, on the command line.
    system_state: where the embedded server's data lie if root starts it."""

    environment: Environment = "development"
    host: str = "127.0.0.1"
    port: int = 8000
    allowed_hosts: tuple[str, ...] = LAPTOP
    state: Path = Path(".propfirm")
    database_url: Secret | None = None
    reader_url: Secret | None = None
    jwt_secret: Secret | None = None
    connections: int = 20
    signing_key: Path | None = None
    sandbox_secret: Secret | None = None
    admin_password: Secret | None = None
    operator: str | None = None
    system_state: Path = Path("/var/lib/propfirm")

    @property
    def site(self) -> str:
        """Where people reach the API, without a slash at the end: the first host that is served, which links name."""
        return f"http://{_bracketed(self.allowed_hosts[0])}:{self.port}"

    @property
    def own_door(self) -> str:
        """Where this process reaches its own API; ``site`` may be a name that only others can look up."""
        return f"http://{_bracketed(_loopback_of(self.host) or self.host)}:{self.port}"


class SettingProblem(Struct, frozen=True):
    variable: str
    reason: str

    def __str__(self) -> str:
        return f"{self.variable}: {self.reason}"


@dataclass(eq=False)
class BadSettings(Refused):
    """problems: all of them, by variable."""

    code = "settings.bad"
    title = "The settings make no sense"
    problems: tuple[SettingProblem, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


T = TypeVar("T")


def read(variables: Mapping[str, str]) -> Settings:
    """The settings of an environment. Raises BadSettings with every problem."""
    reader = _Reader(variables)
    environment: Environment = reader.one(
        "PROPFIRM_ENVIRONMENT", lambda text: _one_of(text, ("development", "production")), "development"
    )
    production = environment == "production"
    host = reader.one("PROPFIRM_HOST", _host, "127.0.0.1")
    settings = Settings(
        environment=environment,
        host=host,
        port=reader.one("PROPFIRM_PORT", lambda text: _whole(text, 1, 65_535), 8000),
        allowed_hosts=reader.one("ALLOWED_HOSTS", _hosts, _names_of(host)),
        state=reader.one("PROPFIRM_STATE", Path, Path(".propfirm")),
        database_url=reader.one("DATABASE_URL", lambda text: Secret(database_url(text, WRITTEN_TO)), None),
        reader_url=reader.one("DATABASE_READER_URL", lambda text: Secret(database_url(text)), None),
        jwt_secret=reader.one("JWT_SECRET", _ring, None),
        connections=reader.one("PROPFIRM_CONNECTIONS", lambda text: _whole(text, 4, 1_000), 20),
        signing_key=reader.one("PROPFIRM_SIGNING_KEY", Path, None),
        sandbox_secret=reader.one("PROPFIRM_SANDBOX_SECRET", _secret, None),
        admin_password=reader.one("PROPFIRM_ADMIN_PASSWORD", Secret, None),
        operator=reader.one("PROPFIRM_OPERATOR", _address, None),
        system_state=reader.one("PROPFIRM_SYSTEM_STATE", Path, Path("/var/lib/propfirm")),
    )
    reader.refuse_unknown()
    if production:
        reader.demand("DATABASE_URL", "JWT_SECRET", "ALLOWED_HOSTS", "PROPFIRM_SIGNING_KEY")
        if "PROPFIRM_SANDBOX_SECRET" in variables:
            reader.problem("PROPFIRM_SANDBOX_SECRET", "the sandbox takes no part in production")
        if variables.get("DEBUG", "") not in {"", "0"}:
            reader.problem("DEBUG", "must be off in production")
    if settings.sandbox_secret is not None and settings.sandbox_secret in _keys(settings.jwt_secret):
        reader.problem("JWT_SECRET", "is another secret's value too")
    if reader.problems:
        raise BadSettings(tuple(sorted(reader.problems, key=lambda one: one.variable)))
    return settings


class _Reader:
    def __init__(self, variables: Mapping[str, str]) -> None:
        self.problems: list[SettingProblem] = []
        self._variables = variables
        self._asked: set[str] = set()

    def one(self, name: str, parse: Callable[[str], T], default: T) -> T:
        self._asked.add(name)
        text = self._variables.get(name)
        if text is None:
            return default
        if text != text.strip() or not text:
            self.problem(name, "is empty" if not text.strip() else "begins or ends with a space or a line's end")
            return default
        try:
            return parse(text)
        except ValueError as wrong:
            self.problem(name, str(wrong))
            return default

    def problem(self, name: str, reason: str) -> None:
        self.problems.append(SettingProblem(name, reason))

    def demand(self, *names: str) -> None:
        for name in names:
            if name not in self._variables:
                self.problem(name, "must be set in production")

    def refuse_unknown(self) -> None:
        for name in self._variables:
            if name.startswith(PREFIX) and name not in self._asked:
                self.problem(name, "is no setting of propfirm")


def _one_of(text: str, words: tuple[Environment, ...]) -> Environment:
    for word in words:
        if text == word:
            return word
    msg = f"must be one of {', '.join(words)}"
    raise ValueError(msg)


def _whole(text: str, least: int, most: int) -> int:
    if re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) is None or not least <= int(text) <= most:
        msg = f"must be a whole number from {least} to {most}"
        raise ValueError(msg)
    return int(text)


def _address(text: str) -> str:
    try:
        return address(text)
    except BadAddress:
        msg = "must be an e-mail address"
        raise ValueError(msg) from None


def _host(text: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9.-]{1,255}", text, re.ASCII) is None and not _is_ipv6(text):
        msg = "must be a host name or an address, without a port"
        raise ValueError(msg)
    return text


def _is_ipv6(text: str) -> bool:
    try:
        return ip_address(text).version == 6 and "%" not in text
    except ValueError:
        return False


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _loopback_of(host: str) -> str | None:
    """For an address that means every interface; None for any other host."""
    try:
        address_ = ip_address(host)
    except ValueError:
        return None
    if not address_.is_unspecified:
        return None
    return "::1" if address_.version == 6 else "127.0.0.1"


def _names_of(host: str) -> tuple[str, ...]:
    """Where nobody names any: what is listened at, and this machine's own names."""
    first = (_loopback_of(host) or host).lower()
    return (first, *(name for name in LAPTOP if name != first))


def _hosts(text: str) -> tuple[str, ...]:
    hosts = tuple(part.strip().lower() for part in text.split(","))
    if "*" in hosts:
        msg = "must name the hosts: a wildcard lets anybody's links through"
        raise ValueError(msg)
    return tuple(_host(host) for host in hosts)


def _secret(text: str) -> Secret:
    if len(text.encode()) < SECRET_MIN:
        msg = f"must have at least {SECRET_MIN} random bytes"
        raise ValueError(msg)
    if len(set(text)) < 8 or any(word in text.lower() for word in KNOWN_SECRETS):
        msg = "is no random value"
        raise ValueError(msg)
    return Secret(text)


def _ring(text: str) -> Secret:
    """Several keys separated by commas, the newest first: each must be strong alone."""
    for key in text.split(","):
        _secret(key.strip())
    return Secret(text)


def _keys(ring: Secret | None) -> tuple[Secret, ...]:
    return () if ring is None else tuple(Secret(key.strip()) for key in ring.reveal().split(","))
