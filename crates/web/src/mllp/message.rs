//! One message and its answer: who speaks, whether there is room, what it says, what became of it.

use crate::{
    api::audit_of,
    app::App,
    letters::{Incoming, faults_of, take},
    limits::Whose,
};
use dayclear_core::{access::Role, command::Load, schema::RESULTS};
use dayclear_exchange::{
    Fault, Kind, Place,
    hl7::{self, Code, Header},
};
use dayclear_ops::{
    desk::{DeskError, Refusal},
    listing::Looker,
};
use dayclear_store::events::hex;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::{collections::BTreeSet, net::IpAddr, time::Duration};

/// Channel under which messages are known.
const CHANNEL: &str = "hl7";
/// How long a message waits for its turn before its sender is told to come again.
const WAIT_MAX: Duration = Duration::from_secs(20);

/// Who is at the other end of a connection.
#[derive(Clone, Debug)]
pub struct Speaking {
    /// Address.
    pub address: IpAddr,
    /// SHA-256 of the certificate that was shown, if one was.
    pub certificate: Option<String>,
}

/// An answer as bytes, in the character set of its message.
pub(super) fn written(app: &App, header: &Header, code: Code, faults: &[Fault], bytes: &[u8]) -> Vec<u8> {
    let answer = answer_text(app, header, code, faults, bytes);
    header.charset.unwrap_or(hl7::Charset::Utf8).bytes(&answer)
}

fn answer_text(app: &App, header: &Header, code: Code, faults: &[Fault], bytes: &[u8]) -> String {
    let own = format!("D{}", &hex(&Sha256::digest(bytes))[..16]);
    hl7::acknowledge(header, code, faults, &app.zone().text(app.now()), &own)
}

fn busy() -> Fault {
    let remedy = "wait a moment and send the same message again, with the same id";
    Fault::new(Kind::Inside, Place::field("MSH", 1, 0, 0), "", "less to do at this moment", remedy)
}

/// Answers a message; `None`: the server is stopping, and the sender is to come again.
pub(super) async fn answer(app: &App, speaking: &Speaking, bytes: &[u8]) -> Option<Vec<u8>> {
    let (header, outcome) = match hl7::parse(bytes) {
        Ok(message) => {
            let outcome = taken(app, speaking, &message, bytes).await;
            (message.header, outcome)
        }
        Err(fault) => (hl7::header_of(bytes), Err((Code::Error, vec![fault]))),
    };
    match outcome {
        Ok(answer) => {
            app.metrics.command("messages", CHANNEL, "done");
            app.nudge(Load::Intake);
            Some(header.charset.unwrap_or(hl7::Charset::Utf8).bytes(&answer))
        }
        Err((code, faults)) => {
            let outcome = if faults.iter().any(|fault| fault.kind == Kind::Inside) { "failed" } else { "refused" };
            app.metrics.command("messages", CHANNEL, outcome);
            tracing::info!(target: "dayclear::mllp", outcome, "a message was not taken");
            Some(written(app, &header, code, &faults, bytes))
        }
    }
}

type Refused = (Code, Vec<Fault>);

/// Who speaks: the account of the declared sender, as the laboratory that it works for.
async fn looker(app: &App, speaking: &Speaking, header: &Header) -> Result<Looker, Refused> {
    let senders = &app.config.mllp.senders;
    let named = senders.iter().filter(|s| s.application == header.application && s.facility == header.facility);
    let known = named.into_iter().find(|s| s.may(speaking.address, speaking.certificate.as_deref()));
    // one answer for every reason: it tells nobody which names are known here
    let unknown = || {
        let expected = "a sender that is declared here, from where it is declared, with the duty of a laboratory";
        let remedy = "ask the administrator for an entry of mllp.senders (docs/results.md)";
        let value = format!("{}/{}", header.application, header.facility);
        (Code::Reject, vec![Fault::new(Kind::Sender, Place::field("MSH", 1, 3, 0), value, expected, remedy)])
    };
    let sender = known.ok_or_else(unknown)?;
    let found = app.access().speaker(&sender.login, Role::Laboratory, app.wall()).await;
    let found = found.map_err(|error| {
        tracing::error!(target: "dayclear::trouble", kind = std::any::type_name_of_val(&error), "no speaker");
        (Code::Reject, vec![busy()])
    })?;
    let (account, duty) = found.ok_or_else(unknown)?;
    Ok(Looker { account, duty, glass: BTreeSet::new() })
}

/// Takes a message; the answer that says so, or why not.
async fn taken(app: &App, speaking: &Speaking, message: &hl7::Message, bytes: &[u8]) -> Result<String, Refused> {
    let header = &message.header;
    let looker = looker(app, speaking, header).await?;
    let refused = async |why: &'static str, refusal: Refused| {
        let detail = json!({"channel": CHANNEL, "why": why});
        match audit_of(app, &looker, "evidence", RESULTS.name, &[], "refused", detail).await {
            Ok(()) => refusal,
            Err(_) => (Code::Reject, vec![busy()]),
        }
    };
    let processing: &[&str] = if app.setup.exercise { &["P", "T", "D"] } else { &["P"] };
    let site = looker.duty.site.as_deref().unwrap_or_default();
    let letter = match hl7::read(message, &app.codes, site, processing) {
        Ok(letter) => letter,
        Err(faults) => {
            let other =
                |fault: &Fault| matches!(fault.kind, Kind::Type | Kind::Unsupported | Kind::Version | Kind::Processing);
            let code = if faults.iter().any(other) { Code::Reject } else { Code::Error };
            return Err(refused("unreadable", (code, faults)).await);
        }
    };
    // a message waits where a request would be turned away: its sender waits with it, and sends nothing else
    let _place = tokio::time::timeout(WAIT_MAX, place(app, &looker.account)).await.map_err(|_| {
        app.metrics.shed(Load::Intake, "wait");
        (Code::Reject, vec![busy()])
    })?;
    let sender = format!("{}/{}", header.application, header.facility);
    let incoming = Incoming { channel: CHANNEL, sender: &sender, bytes, letter: &letter, atomic: false };
    let answer = |taken: &dayclear_ops::evidence::letters::Taken<'_>| {
        let rows = letter.rows.iter().enumerate();
        let faults: Vec<Fault> = rows.flat_map(|(at, row)| faults_of(row, at, taken)).collect();
        let code = if faults.is_empty() { Code::Accept } else { Code::Error };
        answer_text(app, header, code, &faults, bytes)
    };
    match take(app, &looker, &incoming, &answer).await {
        Ok(answered) => Ok(answered.answer),
        Err(DeskError::Refused(Refusal::OtherBody)) => {
            let expected = "an id that no other message had; nothing of this one was taken";
            let remedy = "send what is right under a new id; somebody was asked to find out which holds";
            let place = Place::field("MSH", 1, 10, 0);
            let fault = Fault::new(Kind::Contradiction, place, &header.id, expected, remedy);
            Err(refused("contradicted", (Code::Error, vec![fault])).await)
        }
        Err(DeskError::Refused(refusal)) => {
            let place = Place::field("MSH", 1, 0, 0);
            let fault = Fault::new(Kind::Sender, place, "", "something that this duty may say", refusal.to_string());
            Err(refused("refused", (Code::Error, vec![fault])).await)
        }
        Err(DeskError::Trouble(trouble)) => {
            let (kind, told) = crate::logs::trouble(&trouble);
            tracing::error!(target: "dayclear::trouble", kind, told, "a message failed");
            Err((Code::Reject, vec![busy()]))
        }
    }
}

/// A place among the requests in work, once the bucket of the account has a token for it.
async fn place(app: &App, account: &str) -> crate::limits::Place {
    loop {
        match app.rates.take(Whose::Account(account.to_owned())) {
            Ok(()) => break,
            Err(wait) => tokio::time::sleep(wait).await,
        }
    }
    loop {
        if let Ok(place) = app.gate.enter(Load::Intake).await {
            return place;
        }
        // the queue is full at this moment
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
