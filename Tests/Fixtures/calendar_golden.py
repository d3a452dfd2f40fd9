"""Writes points of time as Python's datetime has them, as calendar_golden.json beside itself: dates with
what the calendar shows of them, and texts with what strptime reads out of them. The same file on every
run.

    python calendar_golden.py
"""

import json
import pathlib
import random
from datetime import datetime, timedelta, timezone

here = pathlib.Path(__file__)
epoch = datetime(1970, 1, 1)


def microseconds(time):
    return (time - epoch) // timedelta(microseconds=1)


def shown(time):
    """Its value, and what the calendar shows."""
    return [
        microseconds(time), time.year, time.month, time.day, time.hour, time.minute, time.second,
        time.microsecond, time.isoweekday(), time.timetuple().tm_yday, time.isocalendar()[1],
    ]


random.seed(20)
times = [datetime(y, m, d) for y in (1, 4, 100, 400, 1600, 1899, 1900, 1904, 1968, 1970, 1999, 2000,
                                     2015, 2016, 2020, 2100, 2400, 9999)
         for m, d in ((1, 1), (2, 28), (3, 1), (12, 31))]
times += [datetime(y, 2, 29) for y in (4, 400, 1904, 1972, 2000, 2016, 2400)]
times += [datetime(2015, 1, 1) + timedelta(days=d) for d in range(0, 2200, 5)]
times += [datetime(1, 1, 1) + timedelta(microseconds=random.randrange(9998 * 365 * 86400 * 10**6))
          for _ in range(500)]

patterns = ["%Y-%m-%d", "%d.%m.%Y %H:%M", "%m/%d/%y", "%Y%m%d%H%M%S", "%Y-%j", "%d %b %Y",
            "%B %d, %Y %I:%M:%S %p", "%H:%M:%S.%f %d/%m/%Y", "100%% %Y"]
texts = []
for time in times[-150:]:
    for pattern in patterns:
        text = time.strftime(pattern)
        if "%Y" in pattern and time.year < 1000:
            continue  # strftime writes such years without their zeros
        texts.append([pattern, text, microseconds(datetime.strptime(text, pattern))])
for text in ("2016-07-01T00:15:00+0200", "2016-07-01T00:15:00-0930", "2016-12-31T23:59:59+0000"):
    read = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")
    value = (read - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(microseconds=1)
    texts.append(["%Y-%m-%dT%H:%M:%S%z", text, value])

iso = []
for text in ("2016-07-01", "2016-07-01 00:15", "2016-07-01T00:15:30", "2016-07-01 00:15:30.250000",
             "2016-07-01T00:15:30+02:00", "2016-07-01T23:15:30-05:30", "1900-03-01", "0001-01-01",
             "9999-12-31 23:59:59.999999", "2016-02-29T12:00+00:00"):
    read = datetime.fromisoformat(text)
    if read.tzinfo:
        read = read.astimezone(timezone.utc).replace(tzinfo=None)
    iso.append([text, microseconds(read)])

text = json.dumps({"times": [shown(t) for t in times], "texts": texts, "iso8601": iso},
                  separators=(",", ":"))
here.with_suffix(".json").write_text(text + "\n")
