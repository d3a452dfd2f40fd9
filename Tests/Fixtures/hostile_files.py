"""Writes tensor files and model files, malformed and well-formed, as hostile_files.json beside itself:
for each its bytes and, where it is malformed, a word that its refusal must have. The same files on
every run.

    python hostile_files.py            # writes the fixture
    python hostile_files.py FOLDER     # writes the files themselves too, to look at or to fuzz from

Where the safetensors package is there, it must read the well-formed files too.
"""

import base64
import json
import pathlib
import struct
import sys

import hostile_models
from hostile_parts import file, tensor, u8

here = pathlib.Path(__file__)

HUGE = 2**63 - 1
malformed = []  # (name, word, bytes)
well_formed = []  # (name, bytes, {tensor: values})


def bad(name, word, data):
    malformed.append((name, word, data))


def header(name, word, text, data=b""):
    bad(name, word, file(text, data))


def one(name, word, dtype='"U8"', shape="[1]", offsets="[0,1]", data=b"\1"):
    """One tensor `a` of these fields."""
    header(name, word, f'{{"a":{{"dtype":{dtype},"shape":{shape},"data_offsets":{offsets}}}}}', data)


def fields(name, word, text, data=b"\1"):
    header(name, word, f'{{"a":{{{text}}}}}', data)


def layout(name, word, ranges, count):
    header(name, word, "{" + ",".join(u8(*range) for range in ranges) + "}", bytes(count))


# The length of the header.
good = file("{" + u8("a", 0, 2) + "}", b"\1\2")
for count in range(9):
    bad(f"only {count} bytes", "too short" if count < 8 else "ends within its header", good[:count])
bad("header of no bytes", "begin with {", file("", b""))
bad("header of no bytes, with data", "begin with {", file("", b"{}"))
bad("header one byte beyond the file", "ends within its header", file("{}", b"", 3))
bad("header as long as the whole file", "ends within its header", file("{}      ", b"", 16))
bad("header of 100,000,000 bytes", "ends within its header", file("{}", b"", 100_000_000))
bad("header of 100,000,001 bytes", "more than the 100000000 allowed", file("{}", b"", 100_000_001))
for power in (31, 32, 62, 63):
    bad(f"header of 2^{power} bytes", "allowed", file("{}", b"", 2**power))
bad("header of 2^64-1 bytes", "allowed", file("{}", b"", 2**64 - 1))
bad("header of 2^64-8 bytes", "allowed", file("{}", b"", 2**64 - 8))
bad("big-endian length", "allowed", struct.pack(">Q", 2) + b"{}")
bad("header cut short by its length", "ends too early", file("{" + u8("a", 0, 2) + "}", b"\1\2", 40))
bad("data taken for header", "after the end", file("{}", b"xx", 4))

# The beginning and the end of the header.
header("space before the header", "begin with {", " {}")
header("newline before the header", "begin with {", "\n{}")
header("byte-order mark", "begin with {", b"\xef\xbb\xbf{}")
header("UTF-16", "begin with {", "{}".encode("utf-16"))
header("UTF-16 without mark", "a key", "{}".encode("utf-16-le"))
header("NUL before the header", "begin with {", b"\0{}")
header("array", "begin with {", "[]")
header("string", "begin with {", '"a"')
header("padded with NUL", "after the end", b"{}\0\0\0\0\0\0")
header("padded with no-break space", "after the end", "{}\u00a0")
header("two objects", "after the end", "{}{}")
header("comma after the object", "after the end", "{},")
header("comment", "a key", "{/* */}")
header("open object", "too early", "{")
header("open entry", "too early", '{"a":{"dtype":"U8"')
header("comma at the end", "a key", "{" + u8("a", 0, 1) + ",}", b"\1")
header("comma at the start", "a key", "{," + u8("a", 0, 1) + "}", b"\1")
header("two commas", "a key", "{" + u8("a", 0, 1) + ",," + u8("b", 1, 2) + "}", b"\1\2")
header("no comma", "a comma", "{" + u8("a", 0, 1) + u8("b", 1, 2) + "}", b"\1\2")
header("no colon", "a colon", '{"a" {}}')
header("key without quotes", "a key", "{a:{}}")
header("key in single quotes", "a key", "{'a':{}}")
header("number as key", "a key", "{1:{}}")
header("closed by the wrong bracket", "a comma", '{"a":{"dtype":"U8","shape":[1},"data_offsets":[0,1]}}')

# Text.
header("byte that is not UTF-8", "not UTF-8", b'{"\xff":{}}')
header("overlong slash", "not UTF-8", b'{"\xc0\xaf":{}}')
header("overlong NUL", "not UTF-8", b'{"\xc0\x80":{}}')
header("overlong in three bytes", "not UTF-8", b'{"\xe0\x80\xaf":{}}')
header("overlong in four bytes", "not UTF-8", b'{"\xf0\x80\x80\xaf":{}}')
header("surrogate in UTF-8", "not UTF-8", b'{"\xed\xa0\x80":{}}')
header("beyond U+10FFFF", "not UTF-8", b'{"\xf4\x90\x80\x80":{}}')
header("continuation byte alone", "not UTF-8", b'{"\x80":{}}')
header("sequence cut by the quote", "not UTF-8", b'{"\xe2\x82":{}}')
header("sequence cut by an escape", "not UTF-8", b'{"\xc3\\u0041":{}}')
header("five-byte sequence", "not UTF-8", b'{"\xf8\x88\x80\x80\x80":{}}')
header("not UTF-8 in metadata", "not UTF-8", b'{"__metadata__":{"k":"\xff"}}')
header("not UTF-8 outside a string", "a key", b"{\xff}")
header("lone high surrogate", "surrogate", '{"\\ud800":{}}')
header("lone low surrogate", "surrogate", '{"\\udc00":{}}')
header("surrogates turned round", "surrogate", '{"\\udc00\\ud800":{}}')
header("two high surrogates", "surrogate", '{"\\ud800\\ud800":{}}')
header("surrogate in metadata", "surrogate", '{"__metadata__":{"k":"\\ud83d"}}')
header("unknown escape", "escape", '{"\\x41":{}}')
header("escape of three digits", "escape", '{"\\u041":{}}')
header("escape with a sign", "escape", '{"\\u+041":{}}')
header("control character", "control", b'{"\x01":{}}')
header("NUL in a string", "control", b'{"a\0":{}}')
header("newline in a string", "control", '{"a\n":{}}')
header("string that does not end", "too early", '{"a')
header("escape that does not end", "too early", '{"a\\')

# Names.
layout("empty name", "unprintable", [("", 0, 1)], 1)
layout("name of an escaped NUL", "unprintable", [("\\u0000", 0, 1)], 1)
layout("name with a newline", "unprintable", [("a\\nb", 0, 1)], 1)
layout("name with an escape character", "unprintable", [("\\u001b[31m", 0, 1)], 1)
layout("name with delete", "unprintable", [("a\x7f", 0, 1)], 1)
layout("name with a C1 control", "unprintable", [("a\x9b", 0, 1)], 1)
layout("name with an escaped C1 control", "unprintable", [("a\\u0085", 0, 1)], 1)
layout("one name twice", "second time", [("a", 0, 1), ("a", 1, 2)], 2)
layout("one name twice, at one place", "second time", [("a", 0, 1), ("a", 0, 1)], 1)
layout("one name twice, one of them escaped", "second time", [("a", 0, 1), ("\\u0061", 1, 2)], 2)
layout(
    "one name twice, far apart", "second time",
    [(f"n{i}", i, i + 1) for i in range(40)] + [("n0", 40, 41)], 41)
layout(
    "one name composed in two ways", "second time", [("\u00e9", 0, 1), ("e\u0301", 1, 2)], 2)

# Marks are sorted before names are compared, in a time that grows with the square of their number.
MARKS = "\u0301\u0323" * 128
layout("name of 257 marks", "256 combining marks", [("a" + MARKS + "\u0301", 0, 1)], 1)
layout("name of 257 escaped marks", "256 combining marks", [("a" + "\\u0323" * 257, 0, 1)], 1)
layout("name of 5000 marks", "256 combining marks", [("\u0323" * 5000, 0, 1)], 1)
header("metadata of a key of marks", "256 combining marks", f'{{"__metadata__":{{"{MARKS}\u0323":""}}}}')
header("field of marks", "256 combining marks", f'{{"a":{{"{MARKS}\u0323":0}}}}')
layout("name of 65,537 bytes", "more than the 65536", [("n" * 65_537, 0, 1)], 1)

# Entries.
header("entry that is null", "an object", '{"a":null}')
header("entry that is an array", "an object", '{"a":["U8",[1],[0,1]]}', b"\1")
header("entry that is a number", "an object", '{"a":1}')
header("entry that is a string", "an object", '{"a":"U8"}')
header("entry that is empty", "dtype", '{"a":{}}')
fields("no dtype", "dtype", '"shape":[1],"data_offsets":[0,1]')
fields("no shape", "shape", '"dtype":"U8","data_offsets":[0,1]')
fields("no offsets", "data_offsets", '"dtype":"U8","shape":[1]')
usual = '"dtype":"U8","shape":[1],"data_offsets":[0,1]'
fields("unknown field", "unknown field", usual + ',"strides":[1]')
fields("unknown field first", "unknown field", '"x":{},' + usual)
fields("field of the wrong case", "unknown field", usual.replace("shape", "Shape"))
fields("empty field", "unknown field", usual + ',"":0')
fields("dtype twice", "second time", usual + ',"dtype":"U8"')
fields("shape twice", "second time", usual + ',"shape":[1]')
fields("offsets twice", "second time", usual + ',"data_offsets":[0,1]')
fields("shape twice, one escaped", "second time", usual + ',"\\u0073hape":[1]')
header("nested too deep", "deeper", '{"a":{"b":{"c":{"d":{}}}}}')
header("nested deep in an unknown field", "deeper", '{"a":{"x":' + "[" * 500 + "}}")
header("nested deep in a shape", "deeper", '{"a":{"dtype":"U8","shape":' + "[" * 500 + "}}")
header("nested deep in an entry", "deeper", '{"a":' * 300)

# Types.
for dtype in ("F128", "u8", "U8 ", "", "UINT8", "float32", "<f4", "F8", "null", "\\u0000U8"):
    one(f"dtype '{dtype}'", "unknown type", dtype=f'"{dtype}"')
one("dtype of a number", "a string", dtype="8")
one("dtype of null", "a string", dtype="null")
one("dtype of an array", "a string", dtype='["U8"]')
one("half a byte", "whole number of bytes", dtype='"F4"')
one("eighteen bits", "whole number of bytes", dtype='"F6_E2M3"', shape="[3]", offsets="[0,2]", data=b"\1\2")

# Shapes.
one("shape of a number", "an array", shape="1")
one("shape of null", "an array", shape="null")
one("shape of an object", "an array", shape='{"0":1}')
one("shape of a string", "an array", shape='"1"')
for number in ("-1", "1.0", "1e0", "1E+0", "-0", "-0.0", "0.5", "9223372036854775808",
               "18446744073709551616", "1e999", "true", "null", '"1"'):
    one(f"size {number}", "integer", shape=f"[{number}]")
one("size of an object", "deeper", shape="[{}]")
one("size of a nested array", "deeper", shape="[[1]]")
for number in ("01", "0x1", "1_", "1.", "1e", "--1", "1" * 5_000, "0." + "1" * 500):
    one(f"size {number[:20]}", "invalid number" if "_" not in number else "comma", shape=f"[{number}]")
for number in ("+1", ".1", "NaN", "Infinity", "١"):
    one(f"size {number}", "a value", shape=f"[{number}]")
one("negative infinity", "number", shape="[-Infinity]")
one("comma at the end of a shape", "a value", shape="[1,]")
one("comma alone in a shape", "a value", shape="[,]")
one("sizes without comma", "a comma", shape="[1 1]")
one("65 axes", "more than 64 axes", shape=json.dumps([1] * 65))
one("a thousand axes", "more than 64 axes", shape=json.dumps([0] * 1000), offsets="[0,0]", data=b"")
one("2^60 elements of 64 bits", "too large", dtype='"F64"', shape=f"[{2**60}]", offsets="[0,8]", data=bytes(8))
one("2^63-1 elements", "too large", shape=f"[{HUGE}]", offsets=f"[0,{HUGE}]")
one("product of 2^64", "too large", shape=f"[{2**32},{2**32}]", offsets="[0,0]", data=b"")
one("product of 2^64+1 by factors", "too large", shape="[274177,67280421310721]")
one("product of 2^64 times zero", "too large", shape=f"[{2**32},{2**32},0]", offsets="[0,0]", data=b"")
one("zero times a product of 2^64", "too large", shape=f"[0,{2**32},{2**32}]", offsets="[0,0]", data=b"")

# Offsets.
one("offsets of a number", "an array", offsets="1")
one("no offset", "begin and an end", offsets="[]")
one("one offset", "begin and an end", offsets="[1]")
one("three offsets", "begin and an end", offsets="[0,1,1]")
one("offsets turned round", "begin and an end", offsets="[1,0]")
for number in ("-1", "1.0", "1e0", "9223372036854775808", "null", '"1"'):
    one(f"offset {number}", "integer", offsets=f"[0,{number}]")
one("negative begin", "integer", offsets="[-1,0]")
one("offsets at the end of Int", "hole", offsets=f"[{HUGE - 1},{HUGE}]")
one("too few bytes for the shape", "needs 2 bytes", shape="[2]")
one("too many bytes for the shape", "needs 1 bytes", offsets="[0,2]", data=b"\1\2")
one("bytes for elements of another size", "needs 4 bytes", dtype='"F32"')
one("scalar without bytes", "needs 1 bytes", shape="[]", offsets="[0,0]", data=b"")
one("bytes for no element", "needs 0 bytes", shape="[3,0]")
one("data beyond the file", "should have 2 bytes", shape="[2]", offsets="[0,2]")
one("bytes after the data", "should have 1 bytes", data=b"\1\2")
one("terabytes that are not there", "should have", shape=f"[{2**40}]", offsets=f"[0,{2**40}]")
header("data and no tensor", "should have 0 bytes", "{}", b"\1")
header("data and metadata", "should have 0 bytes", '{"__metadata__":{}}', b"\1")
layout("hole at the start", "hole", [("a", 1, 2)], 2)
layout("hole in the middle", "hole", [("b", 3, 5), ("a", 0, 2)], 5)
layout("overlap", "overlaps", [("a", 0, 2), ("b", 1, 3)], 3)
layout("same bytes", "overlaps", [("a", 0, 2), ("b", 0, 2)], 2)
layout("one within another", "overlaps", [("a", 0, 4), ("b", 1, 2)], 4)
layout("empty tensor within another", "overlaps", [("a", 0, 2), ("b", 1, 1)], 2)
layout("empty tensor beyond the data", "hole", [("a", 0, 1), ("b", 2, 2)], 1)

# Metadata.
for text in ("null", "[]", '"a"', "1", "true"):
    header(f"metadata {text}", "an object", f'{{"__metadata__":{text}}}')
for text in ("null", "1", "{}", "[]", "false", '["a"]'):
    header(f"metadata of {text}", "a string", f'{{"__metadata__":{{"k":{text}}}}}')
header("metadata twice", "second time", '{"__metadata__":{},"__metadata__":{}}')
header("metadata twice, one escaped", "second time", '{"__metadata__":{},"\\u005f_metadata__":{}}')
header("key of metadata twice", "second time", '{"__metadata__":{"k":"a","k":"b"}}')
header("key of metadata twice, one escaped", "second time", '{"__metadata__":{"k":"","\\u006b":""}}')
header("metadata that describes a tensor", "a string", f'{{"__metadata__":{{{usual}}}}}', b"\1")

# The digest.
header("format without digest", "digest is gone", '{"__metadata__":{"unroll.format":"1"}}')
header("digest without format", "digest is gone", '{"__metadata__":{"unroll.digest":"crc64:0000000000000000"}}')
digest = '{"__metadata__":{"unroll.digest":"%s","unroll.format":"%s"}}'
header("digest that is none", "digest is none", digest % ("sha256", "1"))
header("digest of too few digits", "digest is none", digest % ("crc64:0", "1"))
header("digest that is another", "digest differs", digest % ("crc64:0123456789abcdef", "1"))
signed = file(digest % ("crc64:" + "0" * 16, "2"), b"", sign=True)
bad("format of the future", "cannot read", signed)


# What must be read.
def fine(name, data, **values):
    well_formed.append((name, data, values))


fine("nothing", file("{}"))
fine("nothing, padded", file("{}      "))
fine("padded with all kinds of space", file("{} \t\r\n"))
fine("empty metadata", file('{"__metadata__":{}}'))
fine("metadata of any script", file('{"__metadata__":{"":"","gr\\u00fc\\u00df":"\\ud83e\\udd93\\n"}}'))
fine("one byte", file("{" + u8("a", 0, 1) + "}", b"\7"), a=[7])
fine("one float", file("{" + tensor("a", "F32", [1], 0, 4) + "}", struct.pack("<f", 1.5)), a=[1.5])
fine("scalar", file("{" + tensor("a", "F64", [], 0, 8) + "}", struct.pack("<d", -2.25)), a=[-2.25])
fine("no elements", file("{" + tensor("a", "F32", [4, 0], 0, 0) + "}"), a=[])
fine(
    "no elements between others",
    file("{" + ",".join([u8("a", 0, 1), tensor("b", "F32", [0], 1, 1), u8("c", 1, 2)]) + "}", b"\1\2"),
    a=[1], b=[], c=[2])
fine(
    "tensors in any order",
    file("{" + ",".join([u8("b", 2, 3), u8("a", 0, 2), '"__metadata__":{"k":"v"}']) + "}", b"\1\2\3"),
    a=[1, 2], b=[3])
fine(
    "spaces everywhere",
    file('{ "a" :\t{ "shape" : [ 2 , 1 ] ,\n"data_offsets":[ 0,2 ] , "dtype":"U8" } } ', b"\1\2"),
    a=[1, 2])
fine(
    "unaligned",
    file("{" + u8("a", 0, 1) + "," + tensor("b", "I64", [1], 1, 9) + "}", b"\1" + struct.pack("<q", -3)),
    a=[1], b=[-3])
fine("64 axes", file("{" + tensor("a", "U8", [1] * 63 + [2], 0, 2) + "}", b"\1\2"), a=[1, 2])
fine("name of many characters", file("{" + u8("n" * 2000, 0, 1) + "}", b"\1"))
fine("name with dots, slashes and quotes", file("{" + u8('a/1.\\"b\\\\', 0, 1) + "}", b"\1"))
fine("name of 256 marks", file("{" + u8("a" + MARKS + "b" + MARKS, 0, 1) + "}", b"\1"))
fine("name that turns the writing direction", file("{" + u8("a\u202eb\u2028\u2066", 0, 1) + "}", b"\1"))
fine("name escaped", file("{" + u8("\\u0061", 0, 1) + "}", b"\1"), a=[1])
fine("name beyond the basic plane", file("{" + u8("\\ud83e\\udd93\U0001f993", 0, 1) + "}", b"\1"))
fine("name that is a field's", file("{" + u8("dtype", 0, 1) + "}", b"\1"), dtype=[1])
fine("numbers that are none", file("{" + tensor("a", "F16", [2], 0, 4) + "}", b"\x00\x7e\x00\x7c"))
fine("packed elements", file("{" + tensor("a", "F4", [2, 3], 0, 3) + "}", b"\1\2\3"))
fine(
    "a hundred tensors",
    file("{" + ",".join(u8(f"t{i}", i, i + 1) for i in reversed(range(100))) + "}", bytes(range(100))),
    t0=[0], t99=[99])
fine("with a digest", file(digest % ("crc64:" + "0" * 16, "1"), b"", sign=True))


def check_with_safetensors():
    try:
        import safetensors
    except ImportError:
        return print("the safetensors package is not there; nothing is checked with it")
    refused = [name for name, data, _ in well_formed if not reads(safetensors, data)]
    # Elements of less than a byte came with its version 0.6.
    assert not set(refused) - {"packed elements"}, refused
    accepted = [name for name, _, data in malformed if reads(safetensors, data)]
    print("safetensors also takes:", ", ".join(accepted))


def reads(safetensors, data):
    try:
        safetensors.deserialize(data)
        return True
    except safetensors.SafetensorError:
        return False


def encoded(data):
    """The bytes, and how many zeros come after them: most data is zeros."""
    start = data.rstrip(b"\0")
    return {"bytes": base64.b64encode(start).decode(), "zeros": len(data) - len(start)}


if __name__ == "__main__":
    names = [name for name, *_ in malformed + well_formed]
    assert len(set(names)) == len(names), [n for n in names if names.count(n) > 1]
    check_with_safetensors()
    groups = {
        "malformed": [{"name": n, "says": w, **encoded(d)} for n, w, d in malformed],
        "wellFormed": [{"name": n, "values": v, **encoded(d)} for n, d, v in well_formed],
        **hostile_models.groups(encoded),
    }
    with open(here.with_suffix(".json"), "w") as out:
        json.dump(groups, out, ensure_ascii=True, indent=0)
        out.write("\n")
    for group, files in groups.items():
        print(len(files), group)
        if len(sys.argv) > 1:
            folder = pathlib.Path(sys.argv[1]) / group
            folder.mkdir(parents=True, exist_ok=True)
            for index, entry in enumerate(files):
                data = base64.b64decode(entry["bytes"]) + bytes(entry["zeros"])
                (folder / f"{index:03}").write_bytes(data)
