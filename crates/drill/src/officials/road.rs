//! Drivers at the door, facilities that admit, and the way home: by the plan of the hour, late or in vain now and then.

use super::{Officials, number};
use crate::{
    DrillError, desks,
    faults::Wire,
    living::{Living, Of},
    service::{Service, at, text},
};
use dayclear_core::{access::Role, schema::HANDOVERS, time::Instant};
use serde_json::{Value, json};
use std::{collections::BTreeSet, ops::RangeInclusive};

/// Minutes by which those come later whose vehicle broke down, or of whose crew nobody hears.
const ANOTHER_MIN: i64 = 90;

impl Officials {
    /// Drivers at the door, and facilities that admit, by the plan of the hour; in between what happens on the road.
    pub(super) async fn drive(
        &mut self,
        service: &mut Service<'_>,
        living: &Living,
        wire: &mut Wire,
        span: &RangeInclusive<u64>,
        now: Instant,
    ) -> Result<(), DrillError> {
        let no_answer = living.scenario().people_do.no_answer;
        let planned = service.rows(Role::DistrictCommand, "transfers", "state=booked,underway").await?;
        let late = |id: &str| living.chance.below(Of::Pace, number(id), 20) as i64;
        let mut rows = Vec::new();
        for row in planned.iter().filter(|row| text(row, "state") == "booked") {
            let (id, person) = (text(row, "id").to_owned(), text(row, "person"));
            let at_the_door = at(row, "pickup_at").map(|at| at.plus_minutes(late(&id))).filter(|at| *at <= now);
            let Some(pickup) = at_the_door.filter(|_| !self.leaves(Role::Driver) && !self.picked_up.contains(&id))
            else {
                continue;
            };
            let pickup = living.zone.text(pickup);
            if living.chance.unit(Of::Door, number(&id)) < no_answer && self.called.insert(id.clone()) {
                rows.push(json!({"person": person, "step": "no_answer", "at": pickup, "note": "nobody opened"}));
                continue;
            }
            rows.push(json!({"person": person, "step": "picked_up", "at": pickup}));
            self.picked_up.insert(id);
        }
        service.give(&HANDOVERS, &rows).await?;
        wire.on_the_road(service, span).await?;
        let mut rows = Vec::new();
        for row in &planned {
            let (id, person) = (text(row, "id").to_owned(), text(row, "person"));
            // a driver who has nowhere to go waits for the dispatcher
            if row.get("reason").is_some_and(|reason| reason.get("stands").is_some()) {
                continue;
            }
            let later = if wire.is_late(text(row, "trip")) { ANOTHER_MIN } else { 0 };
            let arrived = at(row, "arrive_at").map(|at| at.plus_minutes(late(&id) + 5 + later)).filter(|at| *at <= now);
            let rides = text(row, "state") == "underway" || self.picked_up.contains(&id);
            if let Some(arrived) = arrived.filter(|_| rides && !self.leaves(Role::Facility))
                && self.admitted.insert(id.clone())
            {
                let arrived = living.zone.text(arrived);
                if !text(row, "outside").is_empty() {
                    // who has not picked anybody up brings nobody
                    if !desks::received(service, &id, &arrived).await? {
                        self.admitted.remove(&id);
                    }
                    continue;
                }
                rows.push(
                    json!({"person": person, "step": "admitted", "at": arrived, "facility": text(row, "facility")}),
                );
            }
        }
        service.give(&HANDOVERS, &rows).await?;
        self.leave(service, living, now).await
    }

    /// Whoever is at a site and bound by nothing any more goes home.
    async fn leave(&mut self, service: &mut Service<'_>, living: &Living, now: Instant) -> Result<(), DrillError> {
        let there = service.rows(Role::DistrictCommand, "transfers", "state=admitted").await?;
        if there.is_empty() {
            return Ok(());
        }
        let bound: BTreeSet<String> = service
            .rows(Role::DistrictCommand, "orders", "state=active")
            .await?
            .iter()
            .map(|row| text(row, "person").to_owned())
            .collect();
        let rows: Vec<Value> = there
            .iter()
            .filter(|row| !bound.contains(text(row, "person")) && text(row, "outside").is_empty())
            // whoever came along with a child stays as long as the child
            .filter(|row| text(row, "id").rsplit_once("-with-").is_none_or(|(_, child)| !bound.contains(child)))
            .map(|row| json!({"person": text(row, "person"), "step": "discharged", "at": living.zone.text(now), "facility": text(row, "facility")}))
            .collect();
        service.give(&HANDOVERS, &rows).await?;
        Ok(())
    }
}
