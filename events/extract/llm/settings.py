"""Which language model gives the second opinion, where it answers and what it costs: a small TOML, or the environment.

    data/llm.toml, or the file that ENTENTE_LLM_CONFIG names
    ENTENTE_LLM_URL, ENTENTE_LLM_MODEL, ENTENTE_LLM_KEY      go before what the file says

Nothing is configured at first, and then nothing is asked. The key is in no repr, no message, no file of ours.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from events.errors import InputError
from events.reference import DATA

__all__ = ["EXAMPLE", "Price", "Settings", "config_file", "settings"]

EXAMPLE = """\
# Ollama; vLLM: port 8000, LM Studio: 1234
url = "http://localhost:11434/v1"
model = "qwen3:8b"
# key = "..."   better: ENTENTE_LLM_KEY

# what a million tokens cost, if you like
[prices."gpt-5-mini"]
input = 0.25
output = 2.0
currency = "USD"
"""
"""A settings file to start from."""

_KEYS = {"url", "model", "key", "timeout", "parallel", "max_output_tokens", "tries", "prices"}
_REDACTED = "[key]"


@dataclass(frozen=True, slots=True)
class Price:
    """What a million tokens of a model cost."""

    input: float
    output: float
    currency: str = "USD"

    def of(self, tokens_in: float, tokens_out: float) -> float:
        """Return what so many tokens cost."""
        return (tokens_in * self.input + tokens_out * self.output) / 1e6


@dataclass(frozen=True, slots=True)
class Settings:
    """One model at one address. `timeout` is in seconds, for a whole reply; `tries` how often a request is made."""

    url: str
    model: str
    key: str = field(default="", repr=False)
    timeout: float = 180.0
    parallel: int = 2
    max_output_tokens: int = 4_000
    tries: int = 5
    prices: Mapping[str, Price] = field(default_factory=dict)

    @property
    def price(self) -> Price | None:
        """What the model costs; None where the settings do not say."""
        return self.prices.get(self.model)

    @property
    def host(self) -> str:
        """The host (and port) that articles are sent to."""
        return urlsplit(self.url).netloc

    @property
    def is_here(self) -> bool:
        """Whether the model runs on this computer or in this network, so that no text leaves it."""
        name = (urlsplit(self.url).hostname or "").lower()
        if name == "localhost" or name.endswith((".localhost", ".local", ".internal", ".lan")):
            return True
        try:
            return ip_address(name).is_private
        except ValueError:
            return "." not in name  # a name within the network, as a container has

    @property
    def doubt(self) -> str:
        """What is unwise about these settings, "" where nothing is."""
        if self.key and urlsplit(self.url).scheme == "http" and not self.is_here:
            return f"The key and the articles travel to {self.host} unencrypted: use https."
        return ""

    def hide(self, text: str) -> str:
        """Return the text without the key, should a server have repeated it."""
        return text.replace(self.key, _REDACTED) if len(self.key) >= 4 else text


def config_file() -> Path:
    """Return the settings file: the environment variable ENTENTE_LLM_CONFIG, else data/llm.toml; it need not exist."""
    named = os.environ.get("ENTENTE_LLM_CONFIG", "").strip()
    return Path(named).expanduser() if named else DATA / "llm.toml"


def settings() -> Settings | None:
    """Return the settings, None where no address or no model is given; raises InputError where they are wrong."""
    path = config_file()
    values = _read(path) if path.is_file() else {}
    for name in ("url", "model", "key"):
        given = os.environ.get(f"ENTENTE_LLM_{name.upper()}", "").strip()
        if given:
            values[name] = given
    if not values.get("url") and not values.get("model"):
        return None
    if missing := [name for name in ("url", "model") if not values.get(name)]:
        raise InputError(
            f"the second opinion lacks its {missing[0]}; set it in {path} or as ENTENTE_LLM_{missing[0].upper()}"
        )
    return Settings(**(values | {"url": _address(values["url"])}))


def _read(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"cannot be read as TOML ({error})", source=str(path)) from error
    if unknown := sorted(set(values) - _KEYS):
        raise InputError(
            f"unknown setting {unknown[0]!r}; known are {', '.join(sorted(_KEYS))}", source=str(path)
        )
    for name, kind, least in (
        ("timeout", (int, float), 1), ("parallel", int, 1), ("max_output_tokens", int, 200), ("tries", int, 1),
    ):  # fmt: skip
        value = values.get(name, least)
        if isinstance(value, bool) or not isinstance(value, kind) or value < least:
            raise InputError(f"{name} is a number from {least} on, not {value!r}", source=str(path))
    for name in ("url", "model", "key"):
        if not isinstance(values.get(name, ""), str):
            raise InputError(f"{name} is a text in quotes", source=str(path))
    values["prices"] = {
        str(name): _price(name, entry, path) for name, entry in values.get("prices", {}).items()
    }
    return values


def _price(model: str, entry: Any, path: Path) -> Price:
    try:
        price = Price(float(entry["input"]), float(entry["output"]), str(entry.get("currency", "USD")))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise InputError(
            f'the price of {model!r} is written: input = 0.25, output = 2.0, currency = "USD"',
            source=str(path),
        ) from None
    if min(price.input, price.output) < 0:
        raise InputError(f"the price of {model!r} is below nothing", source=str(path))
    return price


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InputError(
            "the address of the model's server begins with http:// or https://, e.g. http://localhost:11434/v1"
        )
    if parts.username or parts.password:
        raise InputError(
            "the address of the model's server holds a password; give it as ENTENTE_LLM_KEY instead"
        )
    return url.rstrip("/")
