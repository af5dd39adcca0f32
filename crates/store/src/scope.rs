//! What somebody may see of a store. Filters by scope stand in the SQL, so a page of results is right by itself; a handle to
//! a person's data cannot be had without one.

use dayclear_core::{
    access::{Duty, Role},
    divisions::DivisionCode,
};

/// What somebody may see: a division and everything in it. Filters by scope stand in the SQL, so a page of results is
/// right by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    division: DivisionCode,
    everything: bool,
    pub(crate) duty: Option<OnDuty>,
}

/// Who looks: the role, the site it is bound to, and the account to which things are assigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OnDuty {
    pub(crate) role: Role,
    pub(crate) site: Option<String>,
    pub(crate) account: String,
}

impl Scope {
    /// The scope of a division.
    pub fn of(division: DivisionCode) -> Self {
        Scope { division, everything: false, duty: None }
    }
    /// The scope of somebody on duty: their division, and within it what their role lets them see (site, assignment).
    pub fn on_duty(duty: &Duty, account: &str) -> Self {
        let on_duty = OnDuty { role: duty.role, site: duty.site.clone(), account: account.to_owned() };
        Scope { division: duty.division.clone(), everything: false, duty: Some(on_duty) }
    }
    /// The scope of a command that answers for a whole store: its operator's batch commands and the checker. `city` stands
    /// as the division of what it does.
    pub fn everything(city: DivisionCode) -> Self {
        Scope { division: city, everything: true, duty: None }
    }
    /// The scope before anybody is known: nobody's data. For what is asked at the door, which is about accounts only.
    pub fn nobody() -> Self {
        // no register has this code: codes begin with a digit
        let code = "--".parse().unwrap_or_else(|_| unreachable!("two characters that a code may hold"));
        Scope { division: code, everything: false, duty: None }
    }
    /// The role of whoever looks; `None`: nobody on duty, but a program or its operator.
    pub fn role(&self) -> Option<Role> {
        self.duty.as_ref().map(|duty| duty.role)
    }
    /// The division.
    pub fn division(&self) -> &DivisionCode {
        &self.division
    }
    /// Whether the scope is the whole store.
    pub(crate) fn is_everything(&self) -> bool {
        self.everything
    }
    /// Half-open range of codes that begin with this division's code.
    pub(crate) fn range(&self) -> (String, String) {
        if self.everything {
            return (String::new(), "~".to_owned());
        }
        let low = self.division.as_str().to_owned();
        // `~` sorts after every character a code may hold
        let high = format!("{low}~");
        (low, high)
    }
}
