//! Who comes in when there is too much to do (`safeguards.md`, D9). Each class of load may fill a share of the places: the
//! board least, intake all; emergency requests have no limit and take no place from anybody. Whoever finds no place waits
//! in a short queue for a short time; a place that becomes free goes to the class that is shed last.

use crate::config::Limits;
use dayclear_core::command::Load;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::oneshot, time::Instant};

const CLASSES: usize = Load::ALL.len();

#[derive(Default)]
struct Places {
    taken: [usize; CLASSES],
    waiting: [VecDeque<oneshot::Sender<Place>>; CLASSES],
}

/// The gate.
pub struct Gate {
    ceilings: [usize; CLASSES],
    queue_max: usize,
    wait_max: Duration,
    places: Mutex<Places>,
    /// When somebody came in or left.
    stirred: Mutex<Instant>,
}

/// A place; it is free again when this is dropped.
pub struct Place {
    gate: Arc<Gate>,
    load: Load,
}

/// Why nobody more of a class comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// Too many wait already.
    Queue,
    /// It waited long enough.
    Wait,
}

impl Full {
    /// Name, for the figures.
    pub const fn name(self) -> &'static str {
        match self {
            Full::Queue => "queue",
            Full::Wait => "wait",
        }
    }
}

impl Places {
    /// Places of the classes that share them.
    fn shared(&self) -> usize {
        self.taken.iter().skip(1).sum()
    }
}

impl Gate {
    /// A gate with these limits.
    pub fn new(limits: &Limits) -> Arc<Gate> {
        let all = limits.requests_max;
        let share = |pct: u8| (all * usize::from(pct) / 100).max(1);
        let ceiling = |load: &Load| match load {
            Load::Emergency => usize::MAX,
            Load::Intake => all,
            Load::Work => share(limits.work_share_pct),
            Load::Board => share(limits.board_share_pct),
        };
        let mut ceilings = [0; CLASSES];
        ceilings.iter_mut().zip(Load::ALL).for_each(|(at, load)| *at = ceiling(load));
        Arc::new(Gate {
            ceilings,
            queue_max: limits.queue_requests_max,
            wait_max: Duration::from_millis(limits.queue_wait_max_ms),
            places: Mutex::default(),
            stirred: Mutex::new(Instant::now()),
        })
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fits(&self, places: &Places, load: Load) -> bool {
        load == Load::Emergency || places.shared() < self.ceilings[load as usize]
    }

    /// Comes in, waits for a place, or is turned away.
    pub async fn enter(self: &Arc<Self>, load: Load) -> Result<Place, Full> {
        *self.stirred() = Instant::now();
        let called = {
            let mut places = self.places();
            // nobody overtakes those of the same class or of one that goes first
            let first = places.waiting[..=load as usize].iter().flatten().all(oneshot::Sender::is_closed);
            if load == Load::Emergency || (first && self.fits(&places, load)) {
                places.taken[load as usize] += 1;
                return Ok(Place { gate: Arc::clone(self), load });
            }
            let queue = &mut places.waiting[load as usize];
            queue.retain(|waiting| !waiting.is_closed());
            if queue.len() >= self.queue_max {
                return Err(Full::Queue);
            }
            let (call, called) = oneshot::channel();
            queue.push_back(call);
            called
        };
        // a place that arrives in the moment of giving up is dropped with the channel, and goes to the next
        match tokio::time::timeout(self.wait_max, called).await {
            Ok(Ok(place)) => Ok(place),
            _ => Err(Full::Wait),
        }
    }

    /// Whether nobody has been inside for that long, and nobody waits.
    pub fn is_quiet_for(&self, time: Duration) -> bool {
        let places = self.places();
        let nobody = places.taken.iter().all(|taken| *taken == 0) && places.waiting.iter().all(VecDeque::is_empty);
        drop(places);
        nobody && self.stirred().elapsed() >= time
    }

    fn stirred(&self) -> MutexGuard<'_, Instant> {
        self.stirred.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Requests in work of a class.
    pub fn inside(&self, load: Load) -> usize {
        self.places().taken[load as usize]
    }

    /// Requests of a class that wait.
    pub fn waiting(&self, load: Load) -> usize {
        self.places().waiting[load as usize].iter().filter(|waiting| !waiting.is_closed()).count()
    }

    /// Gives a place back and calls those who wait, the class that is shed last first.
    fn leave(self: &Arc<Self>, load: Load) {
        *self.stirred() = Instant::now();
        let mut called = Vec::new();
        {
            let mut places = self.places();
            places.taken[load as usize] -= 1;
            for load in Load::ALL {
                while self.fits(&places, *load) {
                    let Some(call) = places.waiting[*load as usize].pop_front() else { break };
                    if call.is_closed() {
                        continue;
                    }
                    places.taken[*load as usize] += 1;
                    called.push((call, Place { gate: Arc::clone(self), load: *load }));
                }
            }
        }
        // not under the lock: a place that nobody takes any more is given back in turn
        for (call, place) in called {
            let _ = call.send(place);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let gate = Arc::clone(&self.gate);
        gate.leave(self.load);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_is_quiet_when_nobody_was_inside_for_a_while() {
        let (gate, while_) = (gate(2), Duration::from_millis(250));
        tokio::time::advance(while_).await;
        assert!(gate.is_quiet_for(while_));
        let place = gate.enter(Load::Emergency).await.unwrap_or_else(|_| panic!("an emergency was turned away"));
        tokio::time::advance(while_ * 4).await;
        assert!(!gate.is_quiet_for(while_), "somebody is inside");
        drop(place);
        assert!(!gate.is_quiet_for(while_), "they have just left");
        tokio::time::advance(while_).await;
        assert!(gate.is_quiet_for(while_));
    }

    fn gate(places: usize) -> Arc<Gate> {
        let limits = Limits { requests_max: places, queue_requests_max: 2, queue_wait_max_ms: 50, ..Limits::default() };
        Gate::new(&limits)
    }

    #[tokio::test]
    async fn the_board_is_shed_first_and_emergency_never() {
        let gate = gate(20);
        let mut inside = Vec::new();
        for (load, places) in [(Load::Board, 12), (Load::Work, 5), (Load::Intake, 3)] {
            for _ in 0..places {
                inside.push(gate.enter(load).await.unwrap_or_else(|_| panic!("{load}")));
            }
            assert_eq!(gate.enter(load).await.err(), Some(Full::Wait), "{load}");
            for earlier in Load::ALL.iter().filter(|other| **other > load) {
                assert_eq!(gate.enter(*earlier).await.err(), Some(Full::Wait), "{earlier} before {load}");
            }
        }
        for _ in 0..1_000 {
            inside.push(gate.enter(Load::Emergency).await.unwrap_or_else(|_| panic!("an emergency was turned away")));
        }
        assert_eq!(gate.inside(Load::Emergency), 1_000);
        inside.clear();
        assert!(Load::ALL.iter().all(|load| gate.inside(*load) == 0));
        assert!(gate.enter(Load::Board).await.is_ok());
    }

    #[tokio::test]
    async fn a_free_place_goes_to_whom_is_shed_last() {
        let gate = gate(1);
        let held = gate.enter(Load::Intake).await.ok();
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        for load in [Load::Board, Load::Work, Load::Intake] {
            let (gate, order) = (Arc::clone(&gate), Arc::clone(&order));
            tasks.push(tokio::spawn(async move {
                let place = gate.enter(load).await;
                order.lock().unwrap().push(load);
                drop(place);
            }));
            tokio::task::yield_now().await;
        }
        drop(held);
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), [Load::Intake, Load::Work, Load::Board]);
    }

    #[tokio::test]
    async fn a_queue_is_short_and_those_who_gave_up_hold_no_place() {
        let gate = gate(1);
        let held = gate.enter(Load::Work).await.ok();
        let waiting: Vec<_> = (0..2)
            .map(|_| {
                let gate = Arc::clone(&gate);
                tokio::spawn(async move { gate.enter(Load::Work).await.err() })
            })
            .collect();
        tokio::task::yield_now().await;
        assert_eq!(gate.waiting(Load::Work), 2);
        assert_eq!(gate.enter(Load::Work).await.err(), Some(Full::Queue));
        for task in waiting {
            assert_eq!(task.await.unwrap(), Some(Full::Wait));
        }
        drop(held);
        assert_eq!(gate.inside(Load::Work), 0);
        assert!(gate.enter(Load::Work).await.is_ok());
    }
}
