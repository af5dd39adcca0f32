//! A drill in which people play along: the console is open on loopback, the clock goes at a pace, and the duties that people
//! have taken are left to them. It may use the server as the program that serves a city does. With chance and clock of the
//! machine it is no longer the same on every run.

use crate::service::ServiceError;
use axum::Router;
use dayclear_core::access::Role;
use dayclear_ops::access::{Entropy, Keys};
use dayclear_web::{
    App, Clock,
    housekeeping::stations,
    serve::{Bound, run},
};
use std::{collections::BTreeSet, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{sync::oneshot, task::JoinHandle};

/// Duties that a drill can leave to people.
pub const PLAYABLE: [Role; 7] = [
    Role::CityCommand,
    Role::DistrictCommand,
    Role::Tracer,
    Role::Driver,
    Role::Facility,
    Role::CommunityWorker,
    Role::Hotline,
];

/// How people play along.
pub struct Open {
    /// Where the console listens; nowhere: only the pace is kept.
    pub listen: Option<SocketAddr>,
    /// How many times faster than on the wall the clock of the city goes.
    pub speed: f64,
    /// Duties that are left to people.
    pub left: BTreeSet<Role>,
    /// Account of the tracer to whom the drill gives investigations, where people trace and it commands the district.
    pub tracer: Option<String>,
    /// Keys of the store.
    pub keys: Keys,
    /// Clock on the wall.
    pub wall: Clock,
    /// Chance of the machine.
    pub chance: fn() -> Box<dyn Entropy>,
}

/// The console, open.
pub(crate) struct Door {
    /// Where it listens.
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Door {
    /// Opens it. After a crash it opens where it was.
    pub async fn open(app: &Arc<App>, router: Router, listen: SocketAddr) -> Result<Door, ServiceError> {
        let closed = |error: &dyn std::fmt::Display| ServiceError::Closed { address: listen, why: error.to_string() };
        app.access().require_keys(app.wall()).await.map_err(|error| closed(&error))?;
        app.learn_places().await?;
        let bound = Bound::open(listen, None, None).await.map_err(|error| closed(&error))?;
        let address = bound.address().map_err(|error| closed(&error))?;
        let (stop, stopped) = oneshot::channel();
        let app = Arc::clone(app);
        let task = tokio::spawn(async move {
            run(app, router, bound, Some(stations()), async move { drop(stopped.await) }).await;
        });
        Ok(Door { address, stop, task })
    }

    /// Closes it: politely, or as a crash does.
    pub async fn close(self, politely: bool) {
        if politely {
            let _ = self.stop.send(());
        } else {
            self.task.abort();
        }
        let _ = self.task.await;
    }
}

/// Time on the wall between two looks at the clock.
pub(crate) const TICK: Duration = Duration::from_millis(250);
