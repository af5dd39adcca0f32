//! The router that is asked for travel times, beside the line and never on the way of a request. It may use [`crate::outbound`]; it
//! guarantees that a router learns squares of a hundred metres and nothing of who lives there, that nothing is sent in the clear
//! beyond this machine, and that a file or an address that cannot be used keeps the server from starting.

use crate::{
    config,
    outbound::{Client, allowed},
};
use dayclear_engines::dispatch::{Ask, Dialect, Roads};
use dayclear_ops::travel::{Answer, Router, Travel};
use url::Url;

/// Asks a router over HTTP.
struct Asked {
    address: String,
    dialect: Dialect,
    client: Client,
}

impl Router for Asked {
    fn table<'a>(&'a self, ask: &'a Ask) -> Answer<'a> {
        Box::pin(async move {
            let url = Url::parse(&format!("{}{}", self.address, self.dialect.question(ask))).map_err(|_| "address")?;
            let body = self.client.get(&url).await.map_err(|trouble| trouble.kind())?;
            self.dialect.answer(ask, &body)
        })
    }
}

/// What is wrong with a setting.
#[derive(Debug)]
pub struct Wrong {
    /// Key.
    pub key: &'static str,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: &'static str,
}

/// Travel times as the settings say: measured ones from a file, and a router for what it leaves open.
pub fn of(given: &config::Travel) -> Result<Travel, Wrong> {
    let measured = match &given.matrix {
        None => Roads::default(),
        Some(path) => {
            let wrong = |problem: String| Wrong {
                key: "travel.matrix",
                problem,
                remedy: "correct the file (from,to,minutes; docs/dispatch.md), or leave the setting out to take the model",
            };
            let text =
                std::fs::read_to_string(path).map_err(|error| wrong(format!("{path} cannot be read: {error}")))?;
            Roads::read(&text).map_err(|bad| {
                let shown: Vec<String> = bad.faults.iter().take(5).map(ToString::to_string).collect();
                wrong(format!("{path} has {} fault(s): {}", bad.faults.len(), shown.join("; ")))
            })?
        }
    };
    Ok(Travel::of(measured, asked(given)?))
}

/// The router that the settings name.
pub fn asked(given: &config::Travel) -> Result<Option<Box<dyn Router>>, Wrong> {
    let Some(address) = &given.router else { return Ok(None) };
    let wrong = |key, problem: String, remedy| Wrong { key, problem, remedy };
    let dialect = Dialect::named(&given.dialect).ok_or_else(|| {
        wrong("travel.dialect", format!("'{}' is no kind of router", given.dialect), "write osrm or valhalla")
    })?;
    let address = address.trim_end_matches('/').to_owned();
    let usable =
        Url::parse(&address).is_ok_and(|url| allowed(&url) && url.query().is_none() && url.fragment().is_none());
    if !usable {
        let problem = format!("'{address}' is no address to which doors of people may be sent");
        return Err(wrong("travel.router", problem, "write https://HOST/PATH; http only on this machine"));
    }
    let client = Client::new(given.authorities.as_deref()).map_err(|problem| {
        wrong("travel.authorities", problem, "give the certificates of the authorities as PEM, or leave it out")
    })?;
    Ok(Some(Box::new(Asked { address, dialect, client })))
}
