"""The parts of tensor files that hostile_files.py and hostile_models.py put together."""

import json
import struct


def tensor(name, dtype, shape, begin, end):
    return (
        f'"{name}":{{"dtype":"{dtype}","shape":{json.dumps(shape)},"data_offsets":[{begin},{end}]}}'
    )


def u8(name, begin, end):
    return tensor(name, "U8", [end - begin], begin, end)


def file(header, data=b"", announced=None, sign=False):
    """A file of this header, whatever it says."""
    text = header.encode() if isinstance(header, str) else header
    length = struct.pack("<Q", len(text) if announced is None else announced)
    if sign:
        digits = b"%016x" % crc64(length + text + data)
        text = text.replace(b"crc64:" + b"0" * 16, b"crc64:" + digits)
    return length + text + data


def crc64(data):
    """CRC-64/XZ."""
    remainder = 2**64 - 1
    for byte in data:
        remainder ^= byte
        for _ in range(8):
            remainder = remainder >> 1 ^ (0xC96C5795D7870F42 if remainder & 1 else 0)
    return remainder ^ 2**64 - 1


def model_file(architecture, tensors, vocabulary=None, dtype="F32"):
    """A file of float tensors, by name and shape, and of this text as its architecture."""
    size = {"F32": 4, "F64": 8}[dtype]
    entries, end = [], 0
    for name, shape in tensors.items():
        count = size
        for axis in shape:
            count *= axis
        entries.append(tensor(name, dtype, shape, end, end + count))
        end += count
    metadata = {}
    if architecture is not None:
        metadata["unroll.architecture"] = architecture
    if vocabulary is not None:
        metadata["unroll.vocabulary"] = vocabulary
    entries.append('"__metadata__":' + json.dumps(metadata))
    return file("{" + ",".join(entries) + "}", bytes(end))
