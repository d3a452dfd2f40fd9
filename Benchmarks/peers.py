"""The same work in other frameworks: each class does one run of a case of unroll-bench."""

import time

import numpy as np

# Cell, layers, hidden units, embedding, streams, steps, vocabulary: as Cases/Training.swift has them.
TRAINING = {
    "train-lstm-2x128": ("LSTM", 2, 128, 64, 50, 50, 65),
    "train-lstm-2x512": ("LSTM", 2, 512, 128, 64, 64, 65),
    "train-lstm-1x1024": ("LSTM", 1, 1024, 128, 64, 64, 65),
    "train-lstm-2x100-b20-t35": ("LSTM", 2, 100, 37, 20, 35, 65),
    "train-gru-2x128": ("GRU", 2, 128, 64, 50, 50, 65),
    "train-gru-2x512": ("GRU", 2, 512, 128, 64, 64, 65),
    "train-rnn-2x128": ("RNN", 2, 128, 64, 50, 50, 65),
    "train-bilstm-2x256": ("bidirectional LSTM", 2, 256, 64, 32, 64, 65),
    "word-lm-2x200-v33278": ("LSTM", 2, 200, 200, 20, 35, 33278),
}


class TorchTraining:
    """Forward, loss, backward, clipping by the norm, Adam."""

    def __init__(self, name, threads):
        import torch

        torch.set_num_threads(threads)
        torch.manual_seed(0)
        cell, layers, hidden, embedding, batch, steps, vocabulary = TRAINING[name]
        both = cell.startswith("bidirectional")
        self.torch, self.vocabulary, self.carries = torch, vocabulary, not both
        self.embed = torch.nn.Embedding(vocabulary, embedding)
        self.rnn = getattr(torch.nn, cell.split()[-1])(
            embedding, hidden, num_layers=layers, bidirectional=both)
        self.dense = torch.nn.Linear(hidden * (1 + both), vocabulary)
        modules = (self.embed, self.rnn, self.dense)
        self.parameters = [p for module in modules for p in module.parameters()]
        self.adam = torch.optim.Adam(self.parameters, lr=1e-3)
        self.ids = torch.randint(vocabulary, (steps, batch))
        self.targets = torch.randint(vocabulary, (steps, batch))
        self.state = None

    def run(self):
        self.adam.zero_grad()
        y, state = self.rnn(self.embed(self.ids), self.state)
        if self.carries:
            self.state = (
                tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach())
        logits = self.dense(y).view(-1, self.vocabulary)
        loss = self.torch.nn.functional.cross_entropy(logits, self.targets.view(-1))
        loss.backward()
        self.torch.nn.utils.clip_grad_norm_(self.parameters, 5)
        self.adam.step()


def onnx_session(path, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def write_onnx(path, embedding, hidden, layers, vocabulary, features=None, batch=1, steps=1):
    """A language model, or with `features` one LSTM over a sequence of them."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    random = np.random.default_rng(0)
    weights, nodes, inputs, outputs = [], [], [], []

    def weight(name, *shape):
        value = (random.random(shape, dtype=np.float32) - 0.5) * 0.1
        weights.append(numpy_helper.from_array(value, name))
        return name

    def io(list, name, kind, shape):
        list.append(helper.make_tensor_value_info(name, kind, shape))

    size = features or embedding
    if features:
        io(inputs, "x", TensorProto.FLOAT, [steps, batch, features])
    else:
        io(inputs, "id", TensorProto.INT64, [1, 1])
        nodes.append(helper.make_node("Gather", [weight("embedding", vocabulary, embedding), "id"], ["x"]))
    signal = "x"
    axes = numpy_helper.from_array(np.array([1], dtype=np.int64), "axes")
    weights.append(axes)
    for i in range(layers):
        ins = [signal, weight(f"W{i}", 1, 4 * hidden, size), weight(f"R{i}", 1, 4 * hidden, hidden),
               weight(f"B{i}", 1, 8 * hidden), "", f"h{i}", f"c{i}"]
        for s in "hc":
            io(inputs, f"{s}{i}", TensorProto.FLOAT, [1, batch, hidden])
            io(outputs, f"{s}{i}_after", TensorProto.FLOAT, [1, batch, hidden])
        nodes.append(helper.make_node(
            "LSTM", ins, [f"y{i}_", f"h{i}_after", f"c{i}_after"], hidden_size=hidden))
        nodes.append(helper.make_node("Squeeze", [f"y{i}_", "axes"], [f"y{i}"]))
        signal, size = f"y{i}", hidden
    if features:
        io(outputs, signal, TensorProto.FLOAT, [steps, batch, hidden])
    else:
        nodes.append(helper.make_node("MatMul", [signal, weight("out", hidden, vocabulary)], ["z_"]))
        nodes.append(helper.make_node("Add", ["z_", weight("b", vocabulary)], ["z"]))
        io(outputs, "z", TensorProto.FLOAT, [1, 1, vocabulary])
    graph = helper.make_graph(nodes, "model", inputs, outputs, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    onnx.save(model, path)


class OnnxSampling:
    """A character at a time, chosen from the distribution as unroll-bench does; 100 in a run."""

    characters = 100

    def __init__(self, hidden, threads, folder, int8=False):
        path = f"{folder}/sample-{hidden}.onnx"
        write_onnx(path, hidden // 4, hidden, 2, 65)
        if int8:
            from onnxruntime.quantization import QuantType, quantize_dynamic

            quantized = f"{folder}/sample-{hidden}-int8.onnx"
            quantize_dynamic(path, quantized, weight_type=QuantType.QInt8)
            path = quantized
        self.session = onnx_session(path, threads)
        self.names = [o.name for o in self.session.get_outputs()]
        self.feed = {"id": np.zeros((1, 1), dtype=np.int64)}
        for i in range(2):
            for s in "hc":
                self.feed[f"{s}{i}"] = np.zeros((1, 1, hidden), dtype=np.float32)
        self.random = np.random.default_rng(0)

    def run(self):
        for _ in range(self.characters):
            result = dict(zip(self.names, self.session.run(None, self.feed)))
            logits = result["z"][0, 0]
            weights = np.exp(logits - logits.max()).cumsum()
            self.feed["id"][0, 0] = weights.searchsorted(self.random.random() * weights[-1])
            for name, value in result.items():
                if name != "z":
                    self.feed[name.removesuffix("_after")] = value


class OnnxInference:
    """An LSTM over whole sequences."""

    def __init__(self, hidden, batch, steps, features, threads, folder):
        path = f"{folder}/infer-{hidden}.onnx"
        write_onnx(path, 0, hidden, 1, 0, features, batch, steps)
        self.session = onnx_session(path, threads)
        self.feed = {"x": np.full((steps, batch, features), 0.1, dtype=np.float32)}
        for s in "hc":
            self.feed[f"{s}0"] = np.zeros((1, batch, hidden), dtype=np.float32)

    def run(self):
        self.session.run(None, self.feed)


class JaxSampling:
    """A compiled loop over characters; 100 in a run."""

    characters = 100

    def __init__(self, hidden):
        import jax
        import jax.numpy as jnp

        keys = iter(jax.random.split(jax.random.key(0), 20))

        def weight(*shape):
            return jax.random.uniform(next(keys), shape, minval=-0.05, maxval=0.05)

        sizes = [hidden // 4, hidden]
        weights = dict(
            embedding=weight(65, hidden // 4), out=weight(hidden, 65),
            layers=[(weight(4 * hidden, n), weight(4 * hidden, hidden), weight(4 * hidden))
                    for n in sizes])

        def step(weights, carry, key):
            id, states = carry
            x, after = weights["embedding"][id], []
            for (w, u, b), (h, c) in zip(weights["layers"], states):
                i, f, g, o = jnp.split(w @ x + u @ h + b, 4)
                c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
                x = jax.nn.sigmoid(o) * jnp.tanh(c)
                after.append((x, c))
            id = jax.random.categorical(key, x @ weights["out"])
            return (id, after), id

        def loop(weights, carry, key):
            keys = jax.random.split(key, self.characters)
            return jax.lax.scan(lambda c, k: step(weights, c, k), carry, keys)

        zero = jnp.zeros(hidden)
        self.jax, self.weights, self.loop = jax, weights, jax.jit(loop)
        self.carry, self.key = (jnp.int32(0), [(zero, zero)] * 2), jax.random.key(1)

    def run(self):
        self.carry, ids = self.loop(self.weights, self.carry, self.key)
        ids.block_until_ready()


class OneDNNProduct:
    """A product whose right operand is packed beforehand, by oneDNN through PyTorch."""

    def __init__(self, m, n, k, threads):
        import torch

        torch.set_num_threads(threads)
        self.torch = torch
        self.a = torch.rand(m, k)
        # The layout that oneDNN chooses for a weight of this product.
        self.b = torch.ops.mkldnn._reorder_linear_weight(torch.rand(n, k), m)

    def run(self):
        with self.torch.no_grad():
            self.torch.ops.mkldnn._linear_pointwise(self.a, self.b, None, "none", [], "")


def milliseconds(peer):
    """The time of one run, or of one character."""
    began = time.perf_counter()
    peer.run()
    return 1e3 * (time.perf_counter() - began) / getattr(peer, "characters", 1)
