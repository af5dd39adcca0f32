//! Accounts by name: the console says who has something by the login that people know, and offers the accounts of a division
//! where something is given to somebody.

use super::{
    acts::Act,
    frame::{Frame, Visit},
};
use crate::{app::App, problem::Problem};
use dayclear_core::command::Command;
use dayclear_store::Scope;

/// Accounts offered at most.
const OFFERED_MAX: u32 = 300;

/// Whether a text is the id of an account.
fn is_id(text: &str) -> bool {
    const LENGTH: usize = 21;
    text.len() == LENGTH && text.starts_with('U') && text[1..].bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Learns the logins of accounts that are not known yet.
pub async fn learn(app: &App, mut unknown: Vec<String>) -> Result<(), Problem> {
    unknown.retain(|id| is_id(id) && app.login_of(id).is_none());
    unknown.sort_unstable();
    unknown.dedup();
    if unknown.is_empty() {
        return Ok(());
    }
    let mut tx = app.door().look(&Scope::nobody()).await?;
    for id in unknown {
        if let Some(account) = tx.account(&id).await? {
            app.know_login(account.id, account.login);
        }
    }
    Ok(())
}

/// The id of an account that somebody names, by id or by login; a name that nobody bears stays as it is, and finds nothing.
pub async fn id_of(app: &App, named: &str) -> Result<String, Problem> {
    if named.is_empty() || is_id(named) {
        return Ok(named.to_owned());
    }
    let account = app.door().look(&Scope::nobody()).await?.account_by_login(named).await?;
    Ok(account.map_or_else(|| named.to_owned(), |account| account.id))
}

/// An account as people know it.
pub fn said(app: &App, frame: &Frame, id: &str) -> String {
    match id {
        "dayclear" => frame.say("by-rule"),
        id => app.login_of(id).unwrap_or_else(|| id.to_owned()),
    }
}

/// Puts the accounts that work in the division of a duty into the forms that give something to somebody.
pub async fn offer(app: &App, visit: &Visit, acts: &mut [Act]) -> Result<(), Problem> {
    let gives = |act: &&mut Act| act.fields.iter().any(|field| field.name == "assignee");
    let Some(act) = acts.iter_mut().find(gives) else { return Ok(()) };
    let takers = Command::named("items", "take").map_or(&[][..], |command| command.roles);
    let division = &visit.caller.looker.duty.division;
    let mut tx = app.door().look(&Scope::of(division.clone())).await?;
    let working = tx.on_duty(app.wall(), OFFERED_MAX).await?;
    drop(tx);
    let mut found: Vec<(String, String)> = Vec::new();
    for (id, login, role) in working {
        if takers.contains(&role) && !found.iter().any(|(other, _)| *other == id) {
            found.push((id, format!("{login} ({})", visit.frame.w.term(role))));
        }
    }
    found.insert(0, (String::new(), visit.frame.say("assign-nobody")));
    for field in act.fields.iter_mut().filter(|field| field.name == "assignee") {
        field.terms.clone_from(&found);
    }
    Ok(())
}
