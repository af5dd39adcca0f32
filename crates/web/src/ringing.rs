//! The clock of emergencies: once a second it looks for those that nobody has decided, and rings the next tier. It runs beside
//! everything else and by connections of its own, so that neither a long run of the line nor a crowd at the door keeps it waiting.

use crate::app::{App, Setup};
use dayclear_ops::{OpsError, urgent};
use futures_util::FutureExt;
use std::{sync::Arc, time::Duration};

/// A tier is rung at most so long after its minute.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// After trouble with the store it looks less often, and never stops.
const AFTER_TROUBLE: Duration = Duration::from_secs(3);

/// Rings until the server stops.
pub async fn run(app: Arc<App>) {
    let mut stop = app.stop.subscribe();
    loop {
        let pause = match ring(&app).await {
            Ok(_) => LOOK_EVERY,
            Err(error) => {
                let (kind, told) = crate::logs::trouble(&error);
                tracing::error!(target: "dayclear::urgent", kind, told, "nobody can be rung");
                AFTER_TROUBLE
            }
        };
        tokio::select! {
            () = stop.wait_for(|stopped| *stopped).map(drop) => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Rings once; how many tiers.
pub async fn ring(app: &App) -> Result<usize, OpsError> {
    let Setup { packs, settings, pack, .. } = &app.setup;
    let rung = urgent::ring(app.door(), packs, settings, pack, &app.own_scope(), app.now()).await?;
    if rung > 0 {
        app.live.nudge();
        tracing::warn!(target: "dayclear::urgent", rung, "nobody decided about an emergency: the next tier was rung");
    }
    Ok(rung)
}
