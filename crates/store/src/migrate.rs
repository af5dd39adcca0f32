//! Brings a database to the schema of this program. One text per migration serves both engines: words in braces are
//! replaced by the engine's own type, so the two schemas cannot drift apart. The migrator is sqlx's; a database made by a
//! newer program is refused by it. Programs that open one store at the same moment take turns.

use crate::{StoreError, db::Pools};
use sqlx::{
    AssertSqlSafe, PgPool, SqlSafeStr, SqlitePool,
    migrate::{Migration, MigrationType, Migrator},
};

const STEPS: &[(i64, &str, &str)] = &[
    (1, "landing", include_str!("../migrations/0001_landing.sql")),
    (2, "line", include_str!("../migrations/0002_line.sql")),
    (3, "trust", include_str!("../migrations/0003_trust.sql")),
    (4, "access", include_str!("../migrations/0004_access.sql")),
    (5, "desk", include_str!("../migrations/0005_desk.sql")),
    (6, "jobs", include_str!("../migrations/0006_jobs.sql")),
    (8, "online", include_str!("../migrations/0008_online.sql")),
    (9, "givers", include_str!("../migrations/0009_givers.sql")),
    (10, "live", include_str!("../migrations/0010_live.sql")),
    (11, "agenda", include_str!("../migrations/0011_agenda.sql")),
    (12, "covering", include_str!("../migrations/0012_covering.sql")),
    (13, "doubled", include_str!("../migrations/0013_doubled.sql")),
    (14, "rounds", include_str!("../migrations/0014_rounds.sql")),
    (15, "city", include_str!("../migrations/0015_city.sql")),
    (16, "custody", include_str!("../migrations/0016_custody.sql")),
    (17, "site", include_str!("../migrations/0017_site.sql")),
    (18, "identity", include_str!("../migrations/0018_identity.sql")),
    (19, "laboratories", include_str!("../migrations/0019_laboratories.sql")),
    (20, "planning", include_str!("../migrations/0020_planning.sql")),
    (22, "follow-up", include_str!("../migrations/0022_followup.sql")),
    (24, "at_stake", include_str!("../migrations/0024_at_stake.sql")),
    (25, "aside", include_str!("../migrations/0025_aside.sql")),
    (26, "approvals_and_controls", include_str!("../migrations/0026_approvals_and_controls.sql")),
    (27, "trips", include_str!("../migrations/0027_trips.sql")),
    (29, "releases", include_str!("../migrations/0029_releases.sql")),
    (30, "searches", include_str!("../migrations/0030_searches.sql")),
    (31, "health codes", include_str!("../migrations/0031_health_codes.sql")),
    (32, "trips_ends", include_str!("../migrations/0032_trips_ends.sql")),
    (33, "extensions", include_str!("../migrations/0033_extensions.sql")),
    (35, "appeals", include_str!("../migrations/0035_appeals.sql")),
    (36, "tickets", include_str!("../migrations/0036_tickets.sql")),
    (37, "treatments", include_str!("../migrations/0037_treatments.sql")),
    (38, "supplies", include_str!("../migrations/0038_supplies.sql")),
    (39, "dispatch", include_str!("../migrations/0039_dispatch.sql")),
    (40, "outlook", include_str!("../migrations/0040_outlook.sql")),
    (42, "situation", include_str!("../migrations/0042_situation.sql")),
    (44, "visits_ends", include_str!("../migrations/0044_visits_ends.sql")),
    (45, "notices", include_str!("../migrations/0045_notices.sql")),
    (46, "appeals_told", include_str!("../migrations/0046_appeals_told.sql")),
    (49, "places", include_str!("../migrations/0049_places.sql")),
    (50, "obligations", include_str!("../migrations/0050_obligations.sql")),
    (51, "free communities", include_str!("../migrations/0051_free.sql")),
    (52, "gates", include_str!("../migrations/0052_gates.sql")),
    (53, "phases", include_str!("../migrations/0053_phases.sql")),
    (57, "interview", include_str!("../migrations/0057_interview.sql")),
    (58, "retention", include_str!("../migrations/0058_retention.sql")),
    (59, "retention_seen", include_str!("../migrations/0059_retention_seen.sql")),
    (60, "swab price", include_str!("../migrations/0060_swab_price.sql")),
    (64, "doors", include_str!("../migrations/0064_doors.sql")),
    (65, "requests", include_str!("../migrations/0065_requests.sql")),
    (66, "area_papers", include_str!("../migrations/0066_area_papers.sql")),
    (67, "posts", include_str!("../migrations/0067_posts.sql")),
    (68, "account", include_str!("../migrations/0068_account.sql")),
    (69, "in_care", include_str!("../migrations/0069_in_care.sql")),
    (70, "bulletin_approvals", include_str!("../migrations/0070_bulletin_approvals.sql")),
    (74, "doors", include_str!("../migrations/0074_doors.sql")),
    (75, "daily", include_str!("../migrations/0075_daily.sql")),
    (84, "areas aside", include_str!("../migrations/0084_areas_aside.sql")),
    (85, "areas of households", include_str!("../migrations/0085_areas_households.sql")),
    (86, "how areas ended", include_str!("../migrations/0086_areas_ended.sql")),
    (89, "exposure_sites", include_str!("../migrations/0089_exposure_sites.sql")),
    (94, "travel", include_str!("../migrations/0094_travel.sql")),
    (100, "areas of a batch", include_str!("../migrations/0100_areas_of_a_batch.sql")),
    (120, "places outside the city", include_str!("../migrations/0120_outside.sql")),
    (121, "beds ahead", include_str!("../migrations/0121_beds_ahead.sql")),
    (122, "letters of assistance", include_str!("../migrations/0122_letters.sql")),
    (123, "rounds of places", include_str!("../migrations/0123_rounds_of_places.sql")),
    (124, "deliveries", include_str!("../migrations/0124_deliveries.sql")),
    (125, "messages", include_str!("../migrations/0125_messages.sql")),
    (127, "parcels owed", include_str!("../migrations/0127_parcels_owed.sql")),
    (129, "open of a place", include_str!("../migrations/0129_open_of_a_place.sql")),
    (130, "carriers seen", include_str!("../migrations/0130_carriers_seen.sql")),
    (131, "coverage of communities", include_str!("../migrations/0131_coverage_of_communities.sql")),
    (132, "beds taken", include_str!("../migrations/0132_beds_taken.sql")),
];

/// One step of guards on a line of its own: its number, its name, and the file that both stores have in their own words.
macro_rules! guards {
    ($version:literal, $name:literal, $file:literal) => {
        (
            $version,
            $name,
            include_str!(concat!("../migrations/", $file, ".sqlite.sql")),
            include_str!(concat!("../migrations/", $file, ".postgres.sql")),
        )
    };
}

// What keeps facts from being changed is written twice, and numbered so that it comes after every table: version, name,
// SQLite, PostgreSQL. Stores that ran an earlier one get a new one.
const GUARDS: &[(i64, &str, &str, &str)] = &[
    guards!(1000, "guards", "guards"),
    guards!(1001, "guards of the audit chain", "guards_audit"),
    guards!(1002, "guards of statements", "guards_statements"),
    guards!(1016, "guards of custody", "guards_custody"),
    guards!(1017, "guards of tubes of sites", "guards_site"),
    guards!(1018, "guards of lists and decisions of identity", "guards_identity"),
    guards!(1022, "guards of follow-ups", "guards_followup"),
    guards!(1026, "guards of approvals", "guards_approvals"),
    guards!(1027, "guards of reports of crews", "guards_trips"),
    guards!(1030, "guards of results given by hand", "guards_searches"),
    guards!(1033, "guards of extensions", "guards_extensions"),
    guards!(1034, "guards of orders and areas", "guards_hold"),
    guards!(1035, "guards of appeals", "guards_appeals"),
    guards!(1036, "guards of emergencies", "guards_tickets"),
    guards!(1037, "guards of treatments", "guards_treatments"),
    guards!(1039, "guards of what dispatchers said", "guards_dispatch"),
    guards!(1045, "guards of papers", "guards_notices"),
    guards!(1051, "guards of obligations", "guards_obligations"),
    guards!(1052, "guards of arrivals", "guards_gates"),
    guards!(1053, "guards of phases of facilities", "guards_phases"),
    guards!(1057, "guards of questions and answers", "guards_interview"),
    guards!(1064, "guards of what was said at doors", "guards_doors"),
    guards!(1065, "guards of requests", "guards_requests"),
    guards!(1067, "guards of posts of buildings", "guards_posts"),
    guards!(1068, "guards of what was done to many", "guards_account"),
    guards!(1069, "guards of who is in care", "guards_in_care"),
    guards!(1070, "guards of bulletins", "guards_bulletins"),
    guards!(1075, "guards of assessments", "guards_assessments"),
    guards!(1084, "guards of areas", "guards_areas"),
    guards!(1089, "guards of places told to the public", "guards_exposures"),
    guards!(1120, "guards of places outside the city", "guards_outside"),
    guards!(1121, "guards of beds held ahead", "guards_beds_ahead"),
    guards!(1122, "guards of letters of assistance", "guards_letters"),
    guards!(1123, "guards of people of rounds", "guards_round_people"),
    guards!(1124, "guards of deliveries", "guards_deliveries"),
    guards!(1125, "guards of messages", "guards_messages"),
    guards!(1132, "beds that are taken say so", "guards_beds_taken"),
];

// word, SQLite, PostgreSQL
const WORDS: &[(&str, &str, &str)] = &[
    // by bytes on both engines, whatever the locale of the database: order and the ranges of scopes depend on it
    ("{text}", "text", "text collate \"C\""),
    ("{whole}", "integer", "bigint"),
    ("{real}", "real", "double precision"),
    ("{instant}", "integer", "timestamptz"),
    ("{day}", "text", "date"),
    ("{truth}", "integer", "boolean"),
    // later than any deadline: what has none comes last
    ("{far}", "253402214400000000", "timestamptz '9999-12-31T00:00:00Z'"),
    ("{strict}", " strict", ""),
    ("{rowless}", " strict, without rowid", ""),
    // a line that SQLite has no use for
    ("{server}", "--", ""),
];

fn text(sql: &str, sqlite: bool) -> String {
    WORDS
        .iter()
        .fold(sql.to_owned(), |text, (word, file, server)| text.replace(word, if sqlite { file } else { server }))
}

fn migrator(sqlite: bool) -> Migrator {
    let guards = GUARDS.iter().map(|&(version, name, file, server)| {
        let sql = if sqlite { file } else { server };
        (version, name, sql.to_owned())
    });
    let steps = STEPS.iter().map(|&(version, name, sql)| (version, name, text(sql, sqlite)));
    let steps = steps.chain(guards);
    let migrations = steps
        .map(|(version, name, sql)| {
            let sql = AssertSqlSafe(sql).into_sql_str();
            Migration::new(version, name.into(), MigrationType::Simple, sql, false)
        })
        .collect();
    let mut migrator = Migrator::with_migrations(migrations);
    // its lock is an error where an engine has none; ours is taken where there is one
    migrator.set_locking(false);
    migrator
}

/// Steps that a database has.
pub(crate) const APPLIED: &str = "select count(*) from _sqlx_migrations where success";

/// Number of steps that this program knows, the guards included.
pub(crate) const fn steps() -> i64 {
    (STEPS.len() + GUARDS.len()) as i64
}

pub(crate) async fn run(pools: &Pools) -> Result<(), StoreError> {
    match pools {
        Pools::File(pool) => run_on_file(pool).await,
        Pools::Server(pool) => run_on_server(pool).await,
    }
}

/// In one transaction that keeps other writers out. A file that lacks no step is only read, so that opening it waits for
/// nobody.
async fn run_on_file(pool: &SqlitePool) -> Result<(), StoreError> {
    let made = "select count(*) from sqlite_schema where name = '_sqlx_migrations'";
    let whole = sqlx::query_scalar::<_, i64>(made).fetch_one(pool).await? == 1
        && sqlx::query_scalar::<_, i64>(APPLIED).fetch_one(pool).await? == steps();
    if whole {
        return Ok(migrator(true).run(pool).await?);
    }
    let mut turn = pool.begin_with("begin immediate").await?;
    migrator(true).run(&mut *turn).await?;
    Ok(turn.commit().await?)
}

/// Under a lock of the session. An engine that shards may know no such lock: there one program migrates at a time.
async fn run_on_server(pool: &PgPool) -> Result<(), StoreError> {
    const TURN: i64 = 0x0064_6179_636c_6561;
    let mut connection = pool.acquire().await?;
    let locked = sqlx::query("select pg_advisory_lock($1)").bind(TURN).execute(&mut *connection).await.is_ok();
    let done = migrator(false).run(&mut *connection).await;
    if locked {
        sqlx::query("select pg_advisory_unlock($1)").bind(TURN).execute(&mut *connection).await?;
    }
    Ok(done?)
}
