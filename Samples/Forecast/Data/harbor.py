"""The water level and the visitors of a harbor that does not exist, hour by hour for ninety
days. Writes harbor.csv beside itself, the same each time, and ahead.csv: what is known of the two days
after it.

    python harbor.py

The level, in meters, has the tides of the moon (12.42 h) and of the sun (12 h), whose sum rises and falls
in half a month, and wind that drives it for hours. Visitors come by day, more at weekends and on
holidays, and fewer where the water is high; holidays are known ahead.
"""

import datetime
import math
import pathlib
import random

HOURS = 90 * 24
START = datetime.datetime(2024, 5, 1)
HOLIDAYS = {(5, 1), (5, 9), (5, 20), (5, 30), (6, 21), (7, 4), (7, 14), (7, 22), (7, 31)}

random.seed(7)
wind = 0.0
rows = []
for hour in range(HOURS):
    time = START + datetime.timedelta(hours=hour)
    wind = 0.95 * wind + random.gauss(0, 0.03)
    level = (
        2.5
        + 1.1 * math.cos(2 * math.pi * hour / 12.4206)
        + 0.4 * math.cos(2 * math.pi * hour / 12)
        + 0.1 * math.cos(2 * math.pi * hour / 24 - 1)
        + wind
        + random.gauss(0, 0.02)
    )
    holiday = int((time.month, time.day) in HOLIDAYS)
    free = holiday or time.weekday() >= 5
    light = max(0.0, math.sin(math.pi * (time.hour - 7) / 14)) if 7 <= time.hour <= 21 else 0.0
    expected = 3 + (180 if free else 90) * light**1.5 * (1 - 0.1 * (level - 2.5))
    visitors = max(0, round(expected + random.gauss(0, 0.06 * expected + 1)))
    rows.append(f"{time:%Y-%m-%d %H:%M},{level:.2f},{visitors},{holiday}")

ahead = []
for hour in range(HOURS, HOURS + 48):
    time = START + datetime.timedelta(hours=hour)
    ahead.append(f"{time:%Y-%m-%d %H:%M},,,{int((time.month, time.day) in HOLIDAYS)}")

folder = pathlib.Path(__file__).parent
(folder / "harbor.csv").write_text("time,level,visitors,holiday\n" + "\n".join(rows) + "\n")
(folder / "ahead.csv").write_text("\n".join(ahead) + "\n")
print(len(rows), "rows, and", len(ahead), "ahead")
