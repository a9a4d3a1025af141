"""Writes the mean of two teachings of the counter's encoder, which reads other authors' sentences better than either.

    python3 mean.py ONE.onnx OTHER.onnx OUT.onnx
"""
import sys

from teach import Encoder, read_weights, write

one, other, out = sys.argv[1:]
first, second = read_weights(one), read_weights(other)
write(Encoder({name: (first[name] + second[name]) / 2 for name in first}, 0), one, out)
