"""Pairs to learn rewriting from: strings and the same strings reversed, or dates in twelve
spellings and in ISO 8601. The same arguments give the same pairs.

    python pairs.py dates 20000 --seed 1 > dates.tsv
    python pairs.py dates 2000 --seed 2 --without dates.tsv > held-out.tsv

With --without, nothing is written that the pairs of a file are to become: of a date that is there
in one spelling, no other is in the output. Years are 1950 to 2049, so that two digits say which
one is meant.
"""

import argparse
import datetime
import random
import string

MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September",
          "October", "November", "December"]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def ordinal(day):
    if 11 <= day <= 13:
        return f"{day}th"
    return f"{day}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th') }"


def spellings(date):
    year, month, day = date.year, date.month, date.day
    name, weekday, short = MONTHS[month - 1], DAYS[date.weekday()], f"{year % 100:02}"
    return [
        f"{day} {name} {year}",
        f"{name} {day}, {year}",
        f"{name[:3]} {day}, {year}",
        f"{day:02}-{name[:3].upper()}-{short}",
        f"{month}/{day}/{year}",
        f"{day:02}.{month:02}.{year}",
        f"{day}.{month}.{short}",
        f"{weekday}, {day} {name} {year}",
        f"{weekday[:3]} {name[:3]} {day} {year}",
        f"the {ordinal(day)} of {name}, {year}",
        f"{year}{month:02}{day:02}",
        f"{name} {ordinal(day)} '{short}",
    ]


def date_pair(source):
    first = datetime.date(1950, 1, 1)
    days = (datetime.date(2050, 1, 1) - first).days
    date = first + datetime.timedelta(days=source.randrange(days))
    return source.choice(spellings(date)), date.isoformat()


def reversed_pair(source):
    text = "".join(source.choice(string.ascii_lowercase) for _ in range(source.randint(8, 12)))
    return text, text[::-1]


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
parser.add_argument("kind", choices=["reversals", "dates"])
parser.add_argument("count", type=int, help="how many pairs, no two alike")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--without", help="a file of pairs")
arguments = parser.parse_args()

taken = set()
if arguments.without:
    with open(arguments.without, encoding="utf-8") as file:
        taken = {line.rstrip("\n").split("\t")[1] for line in file}
source = random.Random(f"{arguments.kind} {arguments.seed}")
make = date_pair if arguments.kind == "dates" else reversed_pair
pairs = {}
while len(pairs) < arguments.count:
    text, other = make(source)
    if other not in taken:
        pairs[text] = other
for text, other in pairs.items():
    print(text, other, sep="\t")
