"""The exposure search in DuckDB, for `cargo xtask bench trace`: the same answer as `dayclear trace exposures`, as SQL.

    convert VISITS.csv VISITS.parquet           the file that is read by both
    files VISITS CASES.csv SECONDS OUT.csv      search on the file as it is, CSV or Parquet
    table VISITS CASES.csv SECONDS OUT.csv      load it into a table in memory, then search three times
    compare A B ...                             rows that one file has and the other lacks

Prints one line of JSON. Only pairs that share time are joined; pieces of time of one pair that overlap are united by the
window over their latest end so far.
"""

import json
import sys
import time

import duckdb

TYPES = "{'person': 'INTEGER', 'place': 'INTEGER', 'from': 'TIMESTAMPTZ', 'to': 'TIMESTAMPTZ'}"

SEARCH = """
WITH own AS (
    SELECT c."case", c.person, v.place, greatest(v."from", c."from") AS f, least(coalesce(v."to", c."to"), c."to") AS t
    FROM cases c JOIN {visits} v ON v.person = c.person AND v."from" < c."to"
        AND (v."to" IS NULL OR v."to" > c."from")
), pieces AS (
    SELECT o."case", v.person, o.place, greatest(o.f, v."from") AS f, least(o.t, coalesce(v."to", o.t)) AS t
    FROM own o JOIN {visits} v ON v.place = o.place AND v."from" < o.t AND (v."to" IS NULL OR v."to" > o.f)
    WHERE v.person <> o.person AND o.f < o.t AND (v."to" IS NULL OR v."to" > v."from")
), marked AS (
    SELECT *, max(t) OVER (PARTITION BY "case", person, place ORDER BY f, t
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach
    FROM pieces
)
SELECT "case", person, place, min(f) AS first, max(t) AS last,
    sum(greatest(0, epoch(t) - epoch(greatest(f, coalesce(reach, f)))))::BIGINT AS seconds
FROM marked GROUP BY ALL HAVING seconds >= {seconds}
"""

ROWS = """SELECT "case"::INTEGER, person::INTEGER, place::INTEGER, first::TIMESTAMPTZ, last::TIMESTAMPTZ,
    round(minutes::DOUBLE * 60)::BIGINT FROM read_csv('{file}', header = true, all_varchar = true)"""


def connect():
    db = duckdb.connect()
    db.execute("SET threads = 2; SET TimeZone = 'UTC'; SET memory_limit = '14GB'; SET preserve_insertion_order = false")
    return db


def source(path):
    if path.endswith(".parquet"):
        return f"read_parquet('{path}')"
    return f"read_csv('{path}', header = true, columns = {TYPES})"


def cases(db, path):
    types = "{'case': 'INTEGER', 'person': 'INTEGER', 'from': 'TIMESTAMPTZ', 'to': 'TIMESTAMPTZ'}"
    db.execute(f"CREATE TABLE cases AS SELECT * FROM read_csv('{path}', header = true, columns = {types})")


def write(db, query, out):
    db.execute(
        f"""COPY (SELECT "case", person, place, first, last, seconds / 60.0 AS minutes FROM ({query})
            ORDER BY "case"::VARCHAR, person::VARCHAR, place::VARCHAR) TO '{out}' (HEADER)"""
    )


def main():
    what, *words = sys.argv[1:]
    db = connect()
    result = {"version": duckdb.__version__}
    since = time.perf_counter()
    if what == "convert":
        db.execute(f"COPY (FROM {source(words[0])}) TO '{words[1]}' (FORMAT parquet)")
    elif what == "files":
        cases(db, words[1])
        write(db, SEARCH.format(visits=source(words[0]), seconds=words[2]), words[3])
        result["whole_s"] = time.perf_counter() - since
        result["cpu_s"] = time.process_time()
    elif what == "table":
        cases(db, words[1])
        db.execute(f"CREATE TABLE visits AS FROM {source(words[0])}")
        result["load_s"] = time.perf_counter() - since
        result["load_cpu_s"] = time.process_time()
        times, cpu = [], time.process_time()
        for run in range(3):
            since = time.perf_counter()
            db.execute(f"CREATE OR REPLACE TABLE found AS {SEARCH.format(visits='visits', seconds=words[2])}")
            times.append(time.perf_counter() - since)
        result["search_s"] = sorted(times)[1]
        result["search_cpu_s"] = (time.process_time() - cpu) / 3
        since = time.perf_counter()
        write(db, "FROM found", words[3])
        result["write_s"] = time.perf_counter() - since
    elif what == "compare":
        first, *others = [ROWS.format(file=file) for file in words]
        result["rows"] = db.execute(f"SELECT count(*) FROM ({first})").fetchone()[0]
        result["differences"] = 0
        for other in others:
            for a, b in ((first, other), (other, first)):
                result["differences"] += db.execute(f"SELECT count(*) FROM ({a} EXCEPT ALL {b})").fetchone()[0]
    else:
        sys.exit(f"'{what}' is not understood")
    print(json.dumps(result))


main()
