"""Every setting: its name, default, meaning. Set by environment (`MOCK_SENT_PORT`) or option (`--port`, which wins)."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple

from mock_sent.ground.checks import StartChecks
from mock_sent.ground.clock import SECOND, duration_of
from mock_sent.ground.errors import StartupError, StartupErrors, did_you_mean, reason_of
from mock_sent.ground.injected import is_injected
from mock_sent.ground.values import (
    bytes_of,
    hosts,
    one_of,
    pem_path,
    printable,
    process_id,
    shown_pem_path,
    unquoted,
    whole,
    words_of,
)

PREFIX = "MOCK_SENT_"
# Texts of YAML, in which quotes and white space mean something.
_AS_THEY_ARE = ("fixtures_inline", "scenario_inline")
# Settings that keep callers out: set and empty, they would let everybody in.
_GUARDS = ("api_keys", "control_token")
_WORKERS = PREFIX + "WORKERS"
_HOST_FIRST = re.compile(r"([a-z][a-z0-9+.-]*://)?+([^/?#@:\[]+|\[[^]@]*])(:\d*)?[/?#]", re.IGNORECASE)


def masked(secret: str) -> str:
    """The last four characters of a secret, or none of a short one."""
    return "****" + secret[-4:] if len(secret) >= 8 else "****"


def without_credentials(url: str) -> str:
    """A URL with nothing before its last `@`, if its host does not come first.

    The last, because a password may hold a slash or an `@` that its owner forgot to escape.
    """
    if "@" not in url or _HOST_FIRST.match(url):
        return url
    scheme, between, _ = url.partition("://") if "://" in url else ("", "", "")
    return f"{scheme}{between}****@{url.rpartition('@')[2]}"


def _setting(
    default: Any,
    parse: Callable[[str], Any],
    says: str,
    *,
    secret: bool = False,
    shown: Callable[[str], str] | None = None,
    bare: str = "",
) -> Any:
    """`shown` is a text as people may see it: a secret's last characters, anything else whole.

    `bare` is the value of the option when it stands alone; an option without it needs a value.
    """
    shown = shown or (masked if secret else str)
    about = {"parse": parse, "says": says, "secret": secret, "shown": shown, "bare": bare}
    return field(default=default, metadata=about)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of a server. Their order is that of `mock-sent config` and of the docs."""

    host: str = _setting("127.0.0.1", printable, "address to listen on")
    port: int = _setting(4010, whole(0, 65535), "port to listen on; 0 takes a free one")
    port_file: str = _setting("", printable, "file that gets the port once the server listens")
    exit_with_parent: str = _setting(
        "off",
        process_id,
        "end when this process ends: a process id, or `on` for the process that started the server",
        bare="on",
    )
    tls_cert: str = _setting(
        "",
        pem_path,
        "PEM file of a certificate and those that signed it: serves HTTPS instead of HTTP",
        shown=shown_pem_path,
    )
    tls_key: str = _setting("", pem_path, "PEM file of the certificate's private key", shown=shown_pem_path)
    mode: str = _setting(
        "stateful",
        one_of("stateful", "examples"),
        "as the real API, or every operation's documented example, keeping nothing",
    )
    edition: str = _setting(
        "auto",
        printable,
        "the edition of the API; `auto`: 2026-03, or that of the first official SDK that calls with an account's key",
    )
    auth: str = _setting(
        "optional", one_of("optional", "required"), "whether a request must have an x-api-key, as the real API demands"
    )
    api_keys: tuple[str, ...] = _setting(
        (), words_of, "the keys that are known, comma-separated; without it any text is a key", secret=True
    )
    auth_errors: str = _setting(
        "edition",
        one_of("edition", "empty", "envelope"),
        "body of a 401 or 403: the edition's, none, or the envelope",
    )
    fixtures: str = _setting("", printable, "YAML file of templates, profiles and balances; the shipped one by default")
    fixtures_inline: str = _setting("", str, "the same as text", secret=True)  # it may hold API keys
    unknown_templates: str = _setting(
        "reject", one_of("reject", "accept"), "a template that the fixtures lack: 404, or a made-up text"
    )
    scenario: str = _setting(
        "", printable, "scenarios for every account: names or paths, comma-separated, the first wins"
    )
    scenario_inline: str = _setting("", str, "a scenario as YAML text; it wins over the named ones")
    scenarios_dir: str = _setting("", printable, "a directory of scenario files, besides the shipped ones")
    free_text: str = _setting(
        "open",
        one_of("open", "gated"),
        "whether a text needs an open conversation, as the real API demands since 2026-10",
    )
    magic_numbers: str = _setting("on", one_of("on", "off"), "whether +1 500 555 01NN asks for an outcome")
    seed: str = _setting("", printable, "makes ids and chances repeat; random by default, and printed")
    contract: str = _setting("", printable, "the OpenAPI file to serve; the shipped one by default")
    webhook_url: str = _setting(
        "",
        printable,
        "a webhook that every account starts with: where it delivers to",
        shown=without_credentials,
    )
    webhook_secret: str = _setting(
        "", printable, "its secret, whsec_ and base64; made from the seed by default", secret=True
    )
    webhook_allow: tuple[str, ...] = _setting(
        (), words_of, "names, addresses, networks that webhooks may deliver to beside local and private ones; or any"
    )
    control_token: str = _setting("", printable, "what calls under /_mock must then send as x-mock-token", secret=True)
    allowed_hosts: tuple[str, ...] = _setting((), hosts, "further host names under which /_mock may be called")
    max_body: int = _setting(1024 * 1024, whole(1, 2**30), "bytes that a request's body may have")
    head_timeout: int = _setting(10 * SECOND, duration_of, "time that the head of a request may take")
    body_timeout: int = _setting(30 * SECOND, duration_of, "time that the body of a request may take")
    max_accounts: int = _setting(10_000, whole(1, 10**9), "accounts kept; the one idle for longest goes first")
    max_messages: int = _setting(100_000, whole(1, 10**9), "messages kept for each account; the oldest goes first")
    max_keys: int = _setting(100_000, whole(1, 10**9), "idempotency keys kept for each account; the oldest goes first")
    max_journal: int = _setting(
        10_000, whole(1, 10**9), "exchanges kept for each account; after one has gone, counts are unknown"
    )
    max_memory: int = _setting(
        512 << 20, bytes_of, "bytes kept for all accounts, with K, M or G; the account idle for longest goes first"
    )
    log: str = _setting("auto", one_of("auto", "text", "json", "off"), "auto is text on a terminal, else json")

    sources: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    # Settings whose value cannot be used. They have their default here, and checks that depend on them are left out.
    wrong: frozenset[str] = field(default=frozenset(), repr=False, compare=False)


SETTINGS = tuple(f for f in fields(Settings) if f.metadata)


def option_of(name: str) -> str:
    return "--" + name.replace("_", "-")


def variable_of(name: str) -> str:
    return PREFIX + name.upper()


def load(
    environ: Mapping[str, str] | None = None,
    options: Mapping[str, str | None] | None = None,
    checks: StartChecks | None = None,
) -> Settings:
    """The settings that environment and options give. An option wins; an empty variable counts as unset.

    Raises `StartupError` for all variables that no setting has and all values that a setting cannot take. With `checks`
    the errors are kept there instead, and the settings say what is `wrong`.
    """
    environ = os.environ if environ is None else environ
    options = options or {}
    start = checks or StartChecks()
    for given, source in ((options.get("workers"), "--workers"), (environ.get(_WORKERS) or None, _WORKERS)):
        start.run(_demand_one_process, given, source)
    start.run(_refuse_unknown, environ)
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    wrong: set[str] = set()
    for setting in SETTINGS:
        found = start.run(_found, setting, environ, options)
        if found is None:
            wrong.add(setting.name)
        elif found.source:
            values[setting.name], sources[setting.name] = found
    if checks is None:
        start.finish()
    return Settings(**values, sources=sources, wrong=frozenset(wrong))


class _Found(NamedTuple):
    value: Any
    source: str


def _found(setting: Field[Any], environ: Mapping[str, str], options: Mapping[str, str | None]) -> _Found:
    """A setting's value and where it comes from; without a source if nobody set it."""
    for source, text in _candidates(setting.name, bool(setting.metadata["secret"]), environ, options):
        if text is not None and setting.name not in _AS_THEY_ARE:
            text = unquoted(text)
            if not text and setting.name in _GUARDS and source != option_of(setting.name):
                raise StartupError(f"{source} is empty; leave it out, or give it a value: empty would let everybody in")
        if text:
            return _Found(_parsed(setting, text, source), source)
    return _Found(None, "")


def _candidates(
    name: str, secret: bool, environ: Mapping[str, str], options: Mapping[str, str | None]
) -> list[tuple[str, str | None]]:
    """Where a value may come from, the strongest first."""
    found: list[tuple[str, str | None]] = [
        (option_of(name), options.get(name)),
        (variable_of(name), _ours(variable_of(name), environ)),
    ]
    if secret and (path := environ.get(variable_of(name) + "_FILE")):
        found.append((variable_of(name) + "_FILE", _content(path, variable_of(name) + "_FILE")))
    if name == "port":
        found.append(("PORT", environ.get("PORT")))
    return found


def _ours(variable: str, environ: Mapping[str, str]) -> str | None:
    value = environ.get(variable)
    return None if value is None or is_injected(variable, value) else value


def _parsed(setting: Field[Any], text: str, source: str) -> Any:
    try:
        return setting.metadata["parse"](text)
    except ValueError as e:
        shown = setting.metadata["shown"](text)
        said = shown if setting.metadata["secret"] or shown == "****" else repr(shown)
        raise StartupError(f"{source} {e}; it is {said}") from None


def _content(path: str, source: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, ValueError) as e:
        raise StartupError(f"{source} names {path!r}, which cannot be read: {reason_of(e)}") from None


def _demand_one_process(workers: str | None, source: str) -> None:
    """Raise `StartupError` for any number of workers but one. It is no setting, only an option that others have."""
    if workers not in (None, "1"):
        raise StartupError(
            f"{source} cannot be obeyed: accounts, messages and idempotency keys live in one process, so several would "
            "each answer from a world of their own; start several servers on several ports, or use several API keys"
        )


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = {variable_of(s.name) for s in SETTINGS}
    known |= {variable_of(s.name) + "_FILE" for s in SETTINGS if s.metadata["secret"]}
    known |= {PREFIX + "VENV", PREFIX + "URL", PREFIX + "COMMAND"}  # read by scripts/install, and by mock_sent_client
    errors: list[StartupError] = []
    for name in sorted(environ):
        if name in known or name == _WORKERS or is_injected(name, environ[name]):
            continue
        if name.startswith(PREFIX) and not name.startswith(PREFIX + "TEST_"):
            # Compared without the prefix: it would make every two names look alike.
            near = did_you_mean(name.removeprefix(PREFIX), (k.removeprefix(PREFIX) for k in known))
            hint = near.replace("mean '", f"mean '{PREFIX}")
            errors.append(StartupError(f"there is no setting {name}{hint}; `mock-sent config` lists them"))
    if errors:
        raise StartupErrors(errors)


def shipped(name: str) -> Path:
    """A data file of ours: inside the package when it was installed, at the top of the repository otherwise."""
    inside = Path(__file__).parent / "data" / name
    return inside if inside.exists() else Path(__file__).parent.parent / name
