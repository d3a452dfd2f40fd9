"""Writes small tables that are odd in some way, as odd_tables.json beside itself: for each its bytes, how it
is to be read, and either what Python's csv module reads out of it or the error that there has to be, with
its line. The same file on every run.

    python odd_tables.py            # writes the fixture
    python odd_tables.py FOLDER     # writes the tables themselves too
"""

import base64
import csv
import io
import json
import pathlib
import sys

here = pathlib.Path(__file__)
cases = []


def number(cell, options):
    cell = cell.strip(" \t")
    if cell in options.get("missing", [""]):
        return None
    if options.get("grouping"):
        cell = cell.replace(options["grouping"], "")
    if options.get("decimal") == ",":
        cell = cell.replace(",", ".")
    return float(cell)


def records(data, options):
    """The rows that Python's csv module reads, as pairs of a line and the cells."""
    text = data.decode("utf-8-sig")
    lines = list(enumerate(io.StringIO(text, newline=""), 1))[options.get("skip", 0):]
    footers = options.get("footer", 0)
    while footers:
        footers -= bool(lines.pop()[1].strip("\r\n"))
    place = {"line": 0, "begins": True}

    def feed():
        for line, text in lines:
            if place["begins"] and options.get("comment") and text.startswith(options["comment"]):
                continue
            if place["begins"]:
                place["line"] = line
            place["begins"] = False
            yield text

    quote = options.get("quote", '"')
    reader = csv.reader(
        feed(), delimiter=options.get("delimiter", ","), quotechar=quote or None, strict=True,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE)
    rows = []
    for row in reader:
        rows.append((place["line"], row))
        place["begins"] = True
    while rows and not rows[0][1]:
        rows.pop(0)
    while rows and not rows[-1][1]:
        rows.pop()
    one = len(rows[0][1]) == 1
    return [(line, row or [""]) for line, row in rows if row or one]


def good(name, data, **options):
    """A table that is read as Python's csv module reads it."""
    data = data.encode() if isinstance(data, str) else data
    rows = records(data, options)
    header = options.get("header", "first")
    if header == "first":
        columns = rows.pop(0)[1]
    elif header == "none":
        columns = [str(i + 1) for i in range(len(rows[0][1]))]
    else:
        columns = header
    if header != "none" and len(columns) > 1 and columns[-1] == "" or rows and len(columns) < len(rows[0][1]):
        assert all(row[-1] == "" for _, row in rows), name
        rows = [(line, row[:-1]) for line, row in rows]
        columns = columns[:len(rows[0][1])] if rows else columns[:-1]
    assert all(len(row) == len(columns) for _, row in rows), name
    numbers = options.get("numbers", [])
    cells = [[line] + [number(cell, options) if column in numbers else cell
                       for column, cell in zip(columns, row)] for line, row in rows]
    if options.get("policy") == "drop":
        cells = [row for row in cells if None not in row]
    add(name, data, options, columns=columns, rows=cells)


def bad(name, data, line, says, **options):
    """A table that is refused, with a line, or 0 for none, and with what the error says."""
    data = data.encode() if isinstance(data, str) else data
    add(name, data, options, line=line, says=says)


def add(name, data, options, **rest):
    cases.append({"name": name, "bytes": base64.b64encode(data).decode(), **options, **rest})


# Quotes.
good("quoted fields", '"a","b"\n"1","2"\n', numbers=["a", "b"])
good("a delimiter in quotes", 'a,b\n"x,y",z\n')
good("doubled quotes", 'a,b\n"say ""hi""",""""\n')
good("only quotes", 'a,b\n"""""",""\n')
good("empty quoted fields", 'a,b\n"",""\n')
good("an LF in quotes", 'a,b\n"x\ny",z\n1,2\n')
good("a CRLF in quotes", 'a,b\r\n"x\r\ny",z\r\n1,2\r\n')
good("a CR in quotes", 'a,b\r"x\ry",z\r1,2\r')
good("blank lines in quotes", 'a,b\n"\n\n\n",z\n1,2\n')
good("a quoted header with a line end", '"a\nx",b\n1,2\n')
good("blanks in quotes", 'a,b\n"  x  ",  y  \n')
good("quoted numbers with blanks", 'a\n" 1 "\n"\t2"\n', numbers=["a"])
good("single quotes as quotes", "a;b\n'x;''y''';z\n", delimiter=";", quote="'")
good("single quotes as text", "a,b\n'x',it's\n")
good("quotes as text", 'a,b\n"x,5"\n', quote="")
good("a quoted field at the end without a line end", 'a,b\n1,"x"')
good("an empty field at the end without a line end", 'a,b\n1,')
bad("a quote that is not closed", 'a,b\n1,"2\n3,4\n', 2, "never closed")
bad("text after a quote", 'a,b\n1,"2"x\n', 2, "text after the closing quote")
bad("a blank after a quote", 'a,b\n1,"2" \n', 2, "text after the closing quote")
bad("a blank between a quote and a delimiter", 'a,b\n"1" ,2\n', 2, "text after the closing quote")
bad("a blank before a quote", 'a,b\n1, "2"\n', 2, "a quote inside a field")
bad("a quote in a field", 'a,b\n1,5"\n', 2, "a quote inside a field")
bad("text after a quote on a later line", 'a,b\n1,"2\n3"x\n', 3, "begins on line 2")

# Line ends and blank lines.
good("CRLF", "a,b\r\n1,2\r\n")
good("CR", "a,b\r1,2\r3,4")
good("line ends of all kinds", "a,b\r\n1,2\n3,4\r5,6\n\r7,8\r\n")
good("no line end at the end", "a,b\n1,2")
good("blank lines before, between and after", "\n\na,b\n\n1,2\n\r\n\n3,4\n\n\n")
good("blank lines of one column", "\na\n1\n\n2\n\n", numbers=["a"], policy="keep")
good("blank lines of one column, dropped", "a\n\n1\n\n\n2\n", numbers=["a"], policy="drop")
good("one column without a header", "1\n2\n3", header="none", numbers=["1"])
good("a header and no row", "a,b\n")
good("a header alone", "a,b")
bad("a blank line in one column", "a\n1\n\n2\n", 3, "the value is missing", numbers=["a"])
bad("a line of blanks", "a,b\n1,2\n  \n", 3, "1 field where the first row has 2")
bad("nothing but blank lines", "\n\r\n\n", 0, "the table is empty")
bad("an empty file", b"", 0, "the file is empty")
bad("nothing but a mark", b"\xef\xbb\xbf", 0, "the file is empty")

# Encodings.
good("a byte-order mark", b"\xef\xbb\xbfa,b\n1,2\n", numbers=["a", "b"])
good("a byte-order mark before a quote", b'\xef\xbb\xbf"a",b\n1,2\n')
good("a byte-order mark before a blank", b"\xef\xbb\xbf a,b\n1,2\n")
good("letters of many bytes", "größe,名前\n1,\U0001f600é\n")
bad("Latin-1", "a,b\n1,größe\n".encode("latin-1"), 2, "not UTF-8")
bad("Latin-1 in the header", "größe,b\n1,2\n".encode("latin-1"), 1, "not UTF-8")
bad("a cut character", b"a,b\n1,2\n3,\xe5\x90\n", 3, "not UTF-8")
bad("UTF-16, low byte first, with a mark", "a,b\n1,2\n".encode("utf-16"), 1, "UTF-16")
bad("UTF-16, high byte first, with a mark", b"\xfe\xff" + "a,b\n".encode("utf-16-be"), 1, "UTF-16")
bad("UTF-16, low byte first, without a mark", "a,b\n".encode("utf-16-le"), 1, "UTF-16")
bad("UTF-16, high byte first, without a mark", "a,b\n".encode("utf-16-be"), 1, "UTF-16")
bad("a NUL", b"a,b\n1,2\x00\n", 2, "NUL")

# Delimiters.
good("semicolons", "a;b\n1,5;2\n", delimiter=";", decimal=",", numbers=["a", "b"])
good("tabs", "a\tb\n1\t\n \t x \n", delimiter="\t")
good("bars", "a|b\n1|2\n", delimiter="|")
good("colons", "a:b\n1:2\n", delimiter=":")
good("blanks as delimiters", "a b\n1 2\n x\n", delimiter=" ")
good("empty fields", "a,b,c\n,,\n,x,\n")
bad("semicolons where there are none declared", "a;b\n1;2\n", 0, "separated by semicolons", numbers=["a"])
bad("tabs where there are none declared", "a\tb\n1\t2\n", 0, "separated by tabs", numbers=["a"])
bad("commas where there are none declared", "a,b,c\n1,2,3\n", 0, "separated by commas",
    delimiter=";", numbers=["a"])
bad("semicolons and decimal commas", "a;b\n1,5;2\n", 2, "separated by semicolons")
bad("semicolons without a header", "1;2\n3;4\n", 1, "separated by semicolons", header="none",
    numbers=["1"])

# Ragged rows and last delimiters.
good("rows that end with a delimiter", "a,b,\n1,2,\n3,4,\n", numbers=["a", "b"])
good("rows that end with a delimiter, of given names", "1;2;\n3;4;\n", delimiter=";", header=["x", "y"])
good("a last column that is empty but named", "a,b\n1,\n2,\n")
bad("a row that does not end with the delimiter", "a,b,\n1,2,\n3,4\n", 3, "2 fields")
bad("text behind the last delimiter", "a,b,\n1,2,\n3,4,x\n", 3, "last column, which has no name")
bad("a delimiter behind rows but not the header", "a,b\n1,2,\n", 2, "3 fields where the first row has 2")
bad("a row too short", "a,b,c\n1,2,3\n4,5\n", 3, "2 fields where the first row has 3")
bad("a row too long", "a,b\n1,2\n\n3,4,5\n", 4, "3 fields where the first row has 2")
bad("a row too short at the end", "a,b\n1,2\n3", 3, "1 field where the first row has 2")

# Headers.
good("no header", "1,2\n3,4\n", header="none", numbers=["1", "2"])
good("given names", "1,2\n3,4\n", header=["x", "y"], numbers=["x", "y"])
good("given names in place of a header", "a,b\n1,2\n", header=["x", "y"], skip=1, numbers=["x"])
good("names with blanks", " a , b\n1,2\n", numbers=[" a "])
bad("too few names", "1,2,3\n", 1, "2 names were given for 3 fields", header=["x", "y"])
bad("a column that is not there", "a,b\n1,2\n", 0, "there is no such column", numbers=["c"])
bad("a column that is there twice", "a,a\n1,2\n", 0, "more than one column", numbers=["a"])

# Lines that are no part of the table.
good("lines before the table", 'Report, 2016\n"never closed\n\na,b\n1,2\n', skip=3)
good("lines at the end", "a,b\n1,2\n3,4\nTotal: 2 rows\n5\" pipes\n", footer=2)
good("lines at the end, and blank ones", "a,b\n1,2\n\nTotal\n\n\n", footer=1)
good("lines at the end, and blank ones between rows", "a,b\n\n\n1,2\n\n\n3,4\n\n5,6\nTotal\n", footer=1)
good("lines at the end without a line end", "a,b\n1,2\n3,4\r\nTotal, of, rows", footer=1)
good("comments", "# a table\na,b\n#1,2\n3,4\n# the end\n", comment="#")
good("comments within quotes are text", 'a,b\n"x\n#y",2\n# z\n', comment="#")
good("what begins a comment in a line is text", "a,b\n1#,2#\n", comment="#")
good("comments, and lines before and at the end", "x\n;c\na,b\n;\"\n1,2\nend\n", skip=1, footer=1, comment=";")
bad("more lines skipped than there are", "a,b\n1,2\n", 0, "the table is empty", skip=5)
bad("a row behind comments keeps its line", "#\n#\na,b\n#\n1,x\n", 5, "not a number", comment="#",
    numbers=["b"])
bad("a row behind skipped lines keeps its line", "x\ny\na,b\n1,x\n", 4, "not a number", skip=2,
    numbers=["b"])

# Numbers.
good("numbers of many kinds", "a\n1\n-1\n+1\n1.5\n.5\n5.\n1e3\n1E-3\n-1.5e+10\n007\n-0\n", numbers=["a"])
good("numbers of many digits", "a\n0.30000000000000004\n3.141592653589793238462643383279\n"
     "9007199254740993\n123456789012345678901234567890\n1e22\n1e23\n4.9406564584124654e-324\n"
     "1.7976931348623157e308\n2.2250738585072011e-308\n1e-400\n18446744073709551615\n", numbers=["a"])
good("decimal commas in quotes", 'a,b\n"1,5","-2,25e3"\n', decimal=",", numbers=["a", "b"])
good("grouped digits", 'a,b\n"1,234","12,345,678.5"\n1,-999\n', grouping=",", numbers=["a", "b"])
good("grouped digits and decimal commas", "a;b\n1.234,5;-12.345.678\n1234,5;1\n", delimiter=";",
     decimal=",", grouping=".", numbers=["a", "b"])
good("digits grouped by narrow blanks", "a;b\n1\u202f234;1\u202f234\u202f567,5\n", delimiter=";",
     decimal=",", grouping="\u202f", numbers=["a", "b"])
good("missing values as declared", "a,b\n,1\nNA,2\n -999 ,3\nnan,4\n", missing=["", "NA", "-999", "nan"],
     numbers=["a"], policy="keep")
good("rows with missing values, dropped", "a,b\n1,2\n,3\n4,NA\n5,6\n", missing=["", "NA"],
     numbers=["a", "b"], policy="drop")
bad("a missing value", "a,b\n1,\n", 2, "the value is missing", numbers=["b"])
bad("an empty cell that is not declared to be missing", "a,b\n1,\n", 2, "the value is missing",
    numbers=["b"], missing=["NA"])
bad("a decimal comma that is not declared", 'a,b\n1,2\n"3,5",4\n', 3, "if the comma is its decimal sign",
    numbers=["a"])
bad("a decimal point where commas are declared", "a;b\n1.5;2\n", 2, '"1.5" is not a number',
    delimiter=";", decimal=",", numbers=["a"])
for name, text in (("nan", "nan"), ("inf", "-inf"), ("infinity", "Infinity"), ("a hexadecimal number", "0x10"),
                   ("two signs", "--1"), ("a sign alone", "-"), ("a point alone", "."), ("two points", "1.2.3"),
                   ("an exponent alone", "e5"), ("no exponent", "1e"), ("a blank within", "1 2"),
                   ("an underscore", "1_000"), ("what is too large", "1e999"), ("letters behind", "5kg"),
                   ("digits of another script", "\u0665"), ("a percent sign", "5%")):
    bad("no number: " + name, f"a,b\n1,2\n{text},3\n", 3, "is not a number", numbers=["a"])
for name, text in (("two digits in a group", "1,23"), ("four digits in a group", "1,2345"),
                   ("a separator first", ",123"), ("a separator last", "123,"), ("two separators", "1,,234"),
                   ("four digits before a group", "1234,567"), ("groups in a fraction", "1.234,567")):
    bad("grouped wrongly: " + name, f'a\n"{text}"\n', 2, "is not a number", numbers=["a"], grouping=",")

here.with_suffix(".json").write_text(json.dumps(cases, indent=1) + "\n")
print(len(cases), "tables")
if len(sys.argv) > 1:
    for index, case in enumerate(cases):
        (pathlib.Path(sys.argv[1]) / f"{index:03}.csv").write_bytes(base64.b64decode(case["bytes"]))
