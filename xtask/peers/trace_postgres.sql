-- The exposure search in PostgreSQL, for `cargo xtask bench trace`: the same answer as `dayclear trace exposures`. Variables:
-- visits, cases, out (files) and seconds. Times of the steps are printed by \timing.
\set ON_ERROR_STOP on
SET TimeZone = 'UTC';
SET work_mem = '512MB';
SET maintenance_work_mem = '2GB';
CREATE UNLOGGED TABLE visits (person integer NOT NULL, place integer NOT NULL, "from" timestamptz NOT NULL, "to" timestamptz);
CREATE TABLE cases ("case" integer NOT NULL, person integer NOT NULL, "from" timestamptz NOT NULL, "to" timestamptz NOT NULL);
COPY cases FROM :'cases' (FORMAT csv, HEADER);
\timing on
\echo load
COPY visits FROM :'visits' (FORMAT csv, HEADER);
\echo index
CREATE INDEX ON visits (person);
CREATE INDEX ON visits (place, "from");
ANALYZE visits;
ANALYZE cases;
\echo search
CREATE TABLE found AS
WITH own AS (
    SELECT c."case", c.person, v.place, greatest(v."from", c."from") AS f, least(coalesce(v."to", c."to"), c."to") AS t
    FROM cases c JOIN visits v ON v.person = c.person AND v."from" < c."to" AND (v."to" IS NULL OR v."to" > c."from")
), pieces AS (
    SELECT o."case", v.person, o.place, greatest(o.f, v."from") AS f, least(o.t, coalesce(v."to", o.t)) AS t
    FROM own o JOIN visits v ON v.place = o.place AND v."from" < o.t AND (v."to" IS NULL OR v."to" > o.f)
    WHERE v.person <> o.person AND o.f < o.t AND (v."to" IS NULL OR v."to" > v."from")
), marked AS (
    SELECT *, max(t) OVER (PARTITION BY "case", person, place ORDER BY f, t
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach
    FROM pieces
)
SELECT "case", person, place, min(f) AS first, max(t) AS last,
    sum(greatest(0, extract(epoch FROM t) - extract(epoch FROM greatest(f, coalesce(reach, f)))))::bigint AS seconds
FROM marked GROUP BY "case", person, place
HAVING sum(greatest(0, extract(epoch FROM t) - extract(epoch FROM greatest(f, coalesce(reach, f))))) >= :seconds;
\timing off
\echo end
COPY (SELECT "case", person, place, first, last, seconds / 60.0 AS minutes FROM found) TO :'out' (FORMAT csv, HEADER);
