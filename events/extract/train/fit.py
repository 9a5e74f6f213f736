"""The network of `events.extract.learned`, fitted with jax; what it returns is plain numpy."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from events import codebook
from events.extract.learned import COLUMNS, LINKS, NEIGHBOURS, SENSES_MOST
from events.extract.train.examples import Example

__all__ = ["SHARES", "Settings", "fit", "save"]

# Other fields of a report whose share right is measured beside (tests/evaluation/calibrate.py).
SHARES = (
    "date text", "date publication", "place named", "place none", "status occurred", "status denied",
    "status background", "actors", "issues", "parties", "act",
)  # fmt: skip
SENTENCES = 96  # of a batch, at most
WORDY = {"norm", "lemma", "head", "object", "before", "after", "suffix"}


@dataclass(frozen=True, slots=True)
class Settings:
    """What the fit is made with; chosen on held-out training sentences, never on gold."""

    width: int = 128
    embed: int = 32
    wide: int = 48  # of words and senses
    layers: int = 3
    hidden: int = 96
    epochs: int = 12
    rate: float = 0.003
    dropout: float = 0.3
    forget: float = (
        0.12  # share of words whose own column is hidden, so that senses and clusters are learned from
    )
    tokens: int = 1536  # of a batch
    links: int = 640
    seed: int = 1


@dataclass(slots=True)
class Packed:
    """One sentence as numbers."""

    columns: np.ndarray
    senses: np.ndarray
    near: np.ndarray
    vectors: np.ndarray
    candidate: np.ndarray
    kind: np.ndarray
    mode: np.ndarray
    status: np.ndarray
    domains: np.ndarray  # 0 or 1 for each domain
    links: np.ndarray  # rows: token, party's token, type, role, features...


class Vocabulary:
    """Words to rows of the tables; row 0 is for what is not known."""

    def __init__(self, data: Sequence[Example]) -> None:
        counts: dict[str, Counter[str]] = {name: Counter() for name in COLUMNS}
        links: dict[str, Counter[str]] = {name: Counter() for name in LINKS}
        senses: Counter[int] = Counter()
        modes: Counter[str] = Counter()
        for example in data:
            for row in example.sentence.columns:
                for name, value in zip(COLUMNS, row, strict=True):
                    counts[name][value] += 1
            for found in example.sentence.senses:
                senses.update(set(found))
            for values in example.links.values():
                for name, value in zip(LINKS, values, strict=True):
                    links[name][value] += 1
            modes.update(mode for _, mode, _ in example.acts.values())
        self.words = {
            name: sorted(w for w, n in found.items() if w and n >= (2 if name in WORDY else 3))
            for name, found in counts.items()
        }
        self.words |= {
            f"link_{name}": sorted(w for w, n in found.items() if w and n >= 3)
            for name, found in links.items()
        }
        self.senses = sorted(n for n, k in senses.items() if k >= 3)
        self.types = ["none", *codebook.event_types()]
        self.modes = sorted({*modes, *codebook.event_types()})
        self.domains = list(codebook.domains())
        self.statuses = ["occurred", "denied", "background"]
        self.rows = {name: {w: i + 1 for i, w in enumerate(words)} for name, words in self.words.items()}
        self.sense_rows = {n: i + 1 for i, n in enumerate(self.senses)}

    def pack(self, example: Example) -> Packed:
        """Return an example as numbers."""
        s = example.sentence
        size = len(s.columns)
        columns = np.array(
            [[self.rows[n].get(v, 0) for n, v in zip(COLUMNS, row, strict=True)] for row in s.columns],
            dtype=np.int32,
        )
        senses = np.zeros((size, SENSES_MOST), dtype=np.int32)
        for i, found in enumerate(s.senses):
            known = [r for n in found if (r := self.sense_rows.get(n))]
            senses[i, : len(known)] = known
        candidate = np.zeros(size, dtype=np.float32)
        candidate[s.candidates] = 1
        kind, mode, status = (np.zeros(size, dtype=np.int32) for _ in range(3))
        for i, (event_type, mode_name, status_name) in example.acts.items():
            candidate[i] = 1
            kind[i] = self.types.index(event_type)
            mode[i] = self.modes.index(mode_name)
            status[i] = self.statuses.index(status_name)
        links = [
            [
                i,
                s.participants[n].token,
                kind[i],
                example.roles[i, n],
                *(self.rows[f"link_{name}"].get(v, 0) for name, v in zip(LINKS, values, strict=True)),
            ]
            for (i, n), values in example.links.items()
        ]
        return Packed(
            columns,
            senses,
            np.array(s.neighbours, dtype=np.int32),
            np.asarray(s.clauses.doc.tensor, dtype=np.float32),
            candidate,
            kind,
            mode,
            status,
            np.array([d in example.domains for d in self.domains], dtype=np.float32),
            np.array(links, dtype=np.int32).reshape(-1, 4 + len(LINKS)),
        )


def start(vocabulary: Vocabulary, settings: Settings, parser: int) -> dict[str, np.ndarray]:
    """Return the weights before training."""
    rng = np.random.default_rng(settings.seed)

    def dense(*shape: int, gain: float = 1.0) -> np.ndarray:
        drawn: np.ndarray = (rng.standard_normal(shape) * gain / np.sqrt(shape[0])).astype(np.float32)
        return drawn

    w: dict[str, np.ndarray] = {}
    total = 0
    for name in COLUMNS:
        width = settings.wide if name in {"norm", "lemma"} else settings.embed
        w[f"embed_{name}"] = (rng.standard_normal((len(vocabulary.words[name]) + 1, width)) * 0.1).astype(
            np.float32
        )
        total += width
    w["embed_senses"] = (rng.standard_normal((len(vocabulary.senses) + 1, settings.wide)) * 0.1).astype(
        np.float32
    )
    w["parser"] = dense(parser, settings.wide)
    total += 2 * settings.wide
    d = settings.width
    w["mix_w"], w["mix_b"] = dense(total, 2 * d, gain=2.0), np.zeros(2 * d, dtype=np.float32)
    w["mix_g"], w["mix_s"] = np.ones(d, dtype=np.float32), np.zeros(d, dtype=np.float32)
    for layer in range(settings.layers):
        w[f"l{layer}_w"] = dense((1 + len(NEIGHBOURS)) * d, 2 * d)
        w[f"l{layer}_b"] = np.zeros(2 * d, dtype=np.float32)
        w[f"l{layer}_g"], w[f"l{layer}_s"] = np.full(d, 0.5, dtype=np.float32), np.zeros(d, dtype=np.float32)
    h = settings.hidden
    w["trigger_w"], w["trigger_b"] = dense(d, 2 * d), np.zeros(2 * d, dtype=np.float32)
    w["type_w"], w["type_b"] = (
        dense(d, len(vocabulary.types)),
        np.zeros(len(vocabulary.types), dtype=np.float32),
    )
    w["mode_w"], w["mode_b"] = (
        dense(d, len(vocabulary.modes)),
        np.zeros(len(vocabulary.modes), dtype=np.float32),
    )
    w["status_w"], w["status_b"] = dense(d, 3), np.zeros(3, dtype=np.float32)
    w["domain_q"], w["domain_v"] = dense(d, len(vocabulary.domains)), dense(d, len(vocabulary.domains))
    w["domain_b"] = np.full(len(vocabulary.domains), -2.0, dtype=np.float32)
    w["link_t"], w["link_p"] = dense(d, 2 * h), dense(d, 2 * h)
    w["embed_act"] = dense(len(vocabulary.types), 2 * h) * 0.3
    w["link_b"] = np.zeros(2 * h, dtype=np.float32)
    for name in LINKS:
        w[f"link_{name}"] = (
            rng.standard_normal((len(vocabulary.words[f"link_{name}"]) + 1, 2 * h)) * 0.1
        ).astype(np.float32)
    w["role_w"], w["role_b"] = dense(h, 4), np.zeros(4, dtype=np.float32)
    return w


def batches(
    data: Sequence[Packed], settings: Settings, rng: np.random.Generator
) -> Iterator[dict[str, np.ndarray]]:
    """Yield batches of a fixed shape, sentences in random order."""
    held: list[Packed] = []
    tokens = links = 0
    for i in rng.permutation(len(data)):
        p = data[i]
        if len(p.columns) > settings.tokens // 2 or len(p.links) > settings.links // 2:
            continue
        if held and (
            len(held) >= SENTENCES
            or tokens + len(p.columns) > settings.tokens
            or links + len(p.links) > settings.links
        ):
            yield join(held, settings)
            held, tokens, links = [], 0, 0
        held.append(p)
        tokens += len(p.columns)
        links += len(p.links)
    if held:
        yield join(held, settings)


def join(held: Sequence[Packed], settings: Settings) -> dict[str, np.ndarray]:
    """Return the sentences as one batch, padded; neighbours that do not exist point behind the last token."""
    t, n = settings.tokens, settings.links
    out = {
        "columns": np.zeros((t, len(COLUMNS)), dtype=np.int32),
        "senses": np.zeros((t, SENSES_MOST), dtype=np.int32),
        "near": np.full((t, len(NEIGHBOURS)), t, dtype=np.int32),
        "vectors": np.zeros((t, held[0].vectors.shape[1]), dtype=np.float32),
        "candidate": np.zeros(t, dtype=np.float32),
        "kind": np.zeros(t, dtype=np.int32),
        "mode": np.zeros(t, dtype=np.int32),
        "status": np.zeros(t, dtype=np.int32),
        "links": np.zeros((n, 4 + len(LINKS)), dtype=np.int32),
        "linked": np.zeros(n, dtype=np.float32),
        "sentence": np.full(t, SENTENCES, dtype=np.int32),
        "domains": np.zeros((SENTENCES + 1, len(held[0].domains)), dtype=np.float32),
    }
    at = k = 0
    for number, p in enumerate(held):
        out["sentence"][at : at + len(p.columns)] = number
        out["domains"][number] = p.domains
        size = len(p.columns)
        for name in ("columns", "senses", "vectors", "candidate", "kind", "mode", "status"):
            out[name][at : at + size] = getattr(p, name)
        out["near"][at : at + size] = np.where(p.near >= 0, p.near + at, t)
        moved = p.links.copy()
        moved[:, :2] += at
        out["links"][k : k + len(moved)] = moved
        out["linked"][k : k + len(moved)] = 1
        at += size
        k += len(moved)
    return out


def _norm(x: jax.Array, scale: jax.Array, shift: jax.Array) -> jax.Array:
    centred = x - x.mean(axis=1, keepdims=True)
    return centred / jnp.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5) * scale + shift


def _maxout(x: jax.Array) -> jax.Array:
    return x.reshape(x.shape[0], -1, 2).max(axis=2)


def loss(w: dict[str, jax.Array], b: dict[str, jax.Array], key: jax.Array, settings: Settings) -> jax.Array:
    """Return the loss of a batch, with dropout."""
    keys = jax.random.split(key, 6 + settings.layers)

    def drop(x: jax.Array, k: jax.Array, rate: float = settings.dropout) -> jax.Array:
        return jnp.where(jax.random.bernoulli(k, 1 - rate, x.shape), x / (1 - rate), 0.0)

    columns = b["columns"]
    t = columns.shape[0]
    forgot = jax.random.bernoulli(keys[0], settings.forget, (t, 1))
    wordy = jnp.array([name in WORDY for name in COLUMNS])
    columns = jnp.where(forgot & wordy[None, :], 0, columns)
    parts = [w[f"embed_{name}"][columns[:, i]] for i, name in enumerate(COLUMNS)]
    held = (b["senses"] > 0).astype(jnp.float32)
    bag = (w["embed_senses"][b["senses"]] * held[:, :, None]).sum(axis=1) / jnp.maximum(
        held.sum(axis=1, keepdims=True), 1
    )
    x = jnp.concatenate([*parts, bag, b["vectors"] @ w["parser"]], axis=1)
    x = _norm(_maxout(drop(x, keys[1]) @ w["mix_w"] + w["mix_b"]), w["mix_g"], w["mix_s"])
    for layer in range(settings.layers):
        padded = jnp.concatenate([x, jnp.zeros((1, x.shape[1]))])
        near = padded[b["near"]].reshape(t, -1)
        y = _maxout(
            drop(jnp.concatenate([x, near], axis=1), keys[6 + layer]) @ w[f"l{layer}_w"] + w[f"l{layer}_b"]
        )
        x = x + _norm(y, w[f"l{layer}_g"], w[f"l{layer}_s"])
    hidden = _maxout(drop(x, keys[2]) @ w["trigger_w"] + w["trigger_b"])

    def entropy(logits: jax.Array, gold: jax.Array) -> jax.Array:
        return -jnp.take_along_axis(jax.nn.log_softmax(logits), gold[:, None], axis=1)[:, 0]

    kind = entropy(hidden @ w["type_w"] + w["type_b"], b["kind"]) * b["candidate"]
    told = (b["kind"] > 0).astype(jnp.float32)
    mode = entropy(hidden @ w["mode_w"] + w["mode_b"], b["mode"]) * told
    status = entropy(hidden @ w["status_w"] + w["status_b"], b["status"]) * told
    links = b["links"]
    y = (
        x[links[:, 0]] @ w["link_t"]
        + x[links[:, 1]] @ w["link_p"]
        + w["embed_act"][links[:, 2]]
        + w["link_b"]
    )
    for i, name in enumerate(LINKS):
        known = jnp.where(jax.random.bernoulli(keys[3], 0.05, (links.shape[0],)), 0, links[:, 4 + i])
        y = y + w[f"link_{name}"][known]
    roles = entropy(_maxout(drop(y, keys[4], 0.15)) @ w["role_w"] + w["role_b"], links[:, 3]) * b["linked"]
    acts = jnp.maximum(told.sum(), 1)
    heat = x @ w["domain_q"]
    where = b["sentence"]
    heat = jnp.exp(heat - jax.ops.segment_max(heat, where, SENTENCES + 1)[where])
    heat = heat / (jax.ops.segment_sum(heat, where, SENTENCES + 1)[where] + 1e-9)
    about = (
        jax.ops.segment_sum(heat * (drop(x, keys[5]) @ w["domain_v"]), where, SENTENCES + 1) + w["domain_b"]
    )
    known = (b["domains"].sum(axis=1, keepdims=True) > 0).astype(jnp.float32)
    topics = ((jax.nn.softplus(about) - about * b["domains"]) * known).sum() / jnp.maximum(known.sum(), 1)
    return (kind.sum() + 0.4 * mode.sum() + 0.4 * status.sum()) / acts + roles.sum() / acts + 0.3 * topics


def fit(
    data: Sequence[Example], settings: Settings, tell: Callable[[str], None] = print
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return (weights, settings for `Network`); Adam, a warm-up and a linear decay, weights averaged over the last part."""
    vocabulary = Vocabulary(data)
    packed = [vocabulary.pack(e) for e in data]
    rng = np.random.default_rng(settings.seed)
    w: dict[str, Any] = {
        k: jnp.array(v) for k, v in start(vocabulary, settings, packed[0].vectors.shape[1]).items()
    }
    m = {k: jnp.zeros_like(v) for k, v in w.items()}
    v = {k: jnp.zeros_like(x) for k, x in w.items()}
    mean = {k: jnp.array(x) for k, x in w.items()}
    steps = settings.epochs * sum(1 for _ in batches(packed, settings, np.random.default_rng(0)))

    @partial(jax.jit, donate_argnums=(0, 1, 2, 3))
    def step(w: Any, m: Any, v: Any, mean: Any, b: Any, key: Any, n: Any) -> Any:
        value, g = jax.value_and_grad(loss)(w, b, key, settings)
        size = jnp.sqrt(sum((x**2).sum() for x in g.values()))
        g = {k: x * jnp.minimum(1.0, 5.0 / (size + 1e-6)) for k, x in g.items()}
        rate = settings.rate * jnp.minimum(n / 100, jnp.maximum(0.02, 1 - n / steps))
        m = {k: 0.9 * m[k] + 0.1 * g[k] for k in w}
        v = {k: 0.998 * v[k] + 0.002 * g[k] ** 2 for k in w}
        w = {
            k: w[k] * (1 - rate * 0.01)
            - rate * (m[k] / (1 - 0.9**n)) / (jnp.sqrt(v[k] / (1 - 0.998**n)) + 1e-8)
            for k in w
        }
        mean = {k: 0.99 * mean[k] + 0.01 * w[k] for k in w}
        return w, m, v, mean, value

    key = jax.random.PRNGKey(settings.seed)
    n = 0
    began = time.perf_counter()
    for epoch in range(settings.epochs):
        total = 0.0
        count = 0
        for batch in batches(packed, settings, rng):
            n += 1
            key, now = jax.random.split(key)
            w, m, v, mean, value = step(w, m, v, mean, batch, now, float(n))
            total += float(value)
            count += 1
        tell(f"epoch {epoch + 1}: loss {total / count:.3f}, {time.perf_counter() - began:.0f} s")
    return {k: np.asarray(x) for k, x in mean.items()}, {
        "types": vocabulary.types,
        "modes": vocabulary.modes,
        "statuses": vocabulary.statuses,
        "domains": vocabulary.domains,
        "threshold": 0.4,
        "role_threshold": 0.5,
        # until tests/evaluation/calibrate.py has been run
        "calibration": {"bias": 0.0, "word": 0.5, "role": 0.5},
        "least": 0.0,
        "shares": dict.fromkeys(SHARES, 0.5),
        "layers": settings.layers,
        "vocabulary": vocabulary.words,
        "senses": vocabulary.senses,
    }


def save(weights: dict[str, np.ndarray], settings: dict[str, Any], folder: Path) -> None:
    """Write the network as `Network` reads it (half precision)."""
    folder.mkdir(parents=True, exist_ok=True)
    halved: dict[str, Any] = {k: x.astype(np.float16) for k, x in weights.items()}
    np.savez_compressed(folder / "weights.npz", **halved)
    text = json.dumps(settings, ensure_ascii=False, separators=(",", ":"))
    (folder / "settings.json").write_text(text + "\n", encoding="utf-8")
