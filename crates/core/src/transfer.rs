//! Beds, facilities, vehicles and trips. Scarce things are rows under a database constraint; the states here say which
//! steps are legal, never which row wins.

use crate::terms;

terms! {
    /// Kinds of places that hold people.
    FacilityKind {
        DesignatedHospital = "designated_hospital", TemporaryHospital = "temporary_hospital",
        IsolationSite = "isolation_site", OutsideCity = "outside_city",
    }
}

terms! {
    /// How a facility or a ward of it stands. One that nobody said anything of is open.
    FacilityPhase {
        Planned = "planned",
        Building = "building",
        Open = "open",
        /// Takes nobody new; whoever is there stays until they leave or are moved.
        Draining = "draining",
        Closed = "closed",
    }
}

terms! {
    /// State of a bed (a room of an isolation site counts as beds of one room).
    BedState { Free = "free", Held = "held", Occupied = "occupied", Cleaning = "cleaning", Blocked = "blocked" }
}

terms! {
    /// Who may lie in a bed: rule by sex or family, fixed when a ward is opened.
    BedRule { Any = "any", Female = "female", Male = "male", Family = "family" }
}

terms! {
    /// People who must never share a vehicle or a ward at one time.
    RideClass {
        Positive = "positive",
        Contact = "contact",
        /// Free, and on the way home: with neither of the others.
        Home = "home",
    }
}

terms! {
    /// State of a transfer. Nobody is ever marked as arrived without a confirmation (F12).
    TransferState {
        /// Needed, nothing booked yet.
        Requested = "requested",
        /// A bed is held and a seat is booked.
        Booked = "booked",
        /// Picked up, on the way.
        Underway = "underway",
        /// Admitted by the receiving site.
        Admitted = "admitted",
        Refused = "refused",
        Cancelled = "cancelled",
    }
}

terms! {
    /// What a dispatcher says of somebody's transfer. The plan keeps to it, and the hard rules stand above it.
    Direction {
        /// By this vehicle, to this place, or both.
        Pin = "pin",
        /// Not by this vehicle, not to this place.
        Forbid = "forbid",
        /// Before everybody else who is not as urgent.
        First = "first",
        /// Whatever was said before does not hold any more.
        Free = "free",
    }
}

terms! {
    /// What a driver or a receiving site reports of a transfer.
    HandoverStep {
        PickedUp = "picked_up", Admitted = "admitted", NoAnswer = "no_answer", Refused = "refused", Discharged = "discharged",
        /// The crew cannot take them as they are: a stretcher is needed, a lift does not go, a carer is missing.
        CannotMove = "cannot_move",
        /// Nobody of that name lives at the door: the address is wrong, and somebody finds the right one.
        WrongAddress = "wrong_address",
        /// Symptoms got worse at the door or on the way: an emergency.
        Worse = "worse",
        /// The crew says that the site has taken the person over. It admits nobody: that is for the site to confirm.
        HandedOver = "handed_over",
    }
}

terms! {
    /// How a place outside the city stands for somebody who is to go there. Nobody departs to one that is only asked for (R09).
    Outside {
        /// A bed there is held in our books, and the body that receives there has not said yet that it takes them.
        Asked = "asked",
        /// Somebody of the receiving body said that they take this person; who and when is written down.
        Confirmed = "confirmed",
    }
}

terms! {
    /// What was heard from the body that receives somebody outside the city.
    OutsideWord {
        /// It takes the person.
        Confirmed = "confirmed",
        /// It does not, after all.
        Withdrawn = "withdrawn",
        /// It has taken the person over; the word comes with what shows it.
        Received = "received",
    }
}

terms! {
    /// How somebody gets home who is discharged.
    WayHome { Own = "own", Ride = "ride" }
}

terms! {
    /// Order in which beds and seats are given where there are not enough for everybody: whoever comes to most harm by waiting goes first,
    /// and among equals whoever has waited longest.
    Turn {
        /// Severely or critically ill.
        Severe = "severe",
        /// A positive of 60 years or older, pregnant, or on dialysis.
        Vulnerable = "vulnerable",
        /// Another positive.
        Positive = "positive",
        /// A contact, who may not be infected at all.
        Contact = "contact",
    }
}

impl Turn {
    /// The turn of a rank, 0 being the first.
    pub fn of(rank: u8) -> Turn {
        Turn::ALL.get(usize::from(rank)).copied().unwrap_or(Turn::Contact)
    }
}
