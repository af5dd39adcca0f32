//! Messages to people in follow-up, on their way: once a second what may go is given to the gateway, beside everything else and by connections
//! of its own. It may use [`crate::outbound`]; it guarantees that a gateway that is slow or down keeps nothing else waiting and is left alone
//! for a while, that no transaction is open while it is asked, that a message which may have gone already goes again under its own number,
//! and that neither numbers nor words are in the log.

use crate::{
    app::{App, Setup},
    config,
    outbound::{Client, Unreachable, allowed},
};
use dayclear_core::{
    messages::{MessageKind, TEXT_CHARS_MAX},
    roster::Language,
};
use dayclear_ops::{
    OpsError,
    messages::{self, Looked, Outcome, Outgoing},
    public::Counter,
};
use dayclear_papers::{Lang, Words};
use futures_util::{FutureExt, future::join_all};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;
use url::Url;

/// What waits is looked at so often.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Whom to ask is looked up so often: each look that finds somebody is a sending.
const ASK_EVERY: Duration = Duration::from_secs(300);
/// Messages that are given to the gateway at once.
const AT_ONCE: usize = 8;
/// After so many troubles running the gateway is left alone.
const TROUBLES_MAX: u32 = 5;
/// For so long, doubling, and at most.
const ALONE: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(600));
/// The page on which somebody tells by a code how they are.
const PAGE: &str = "/public/health";

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

/// The gateway, and whether it is left alone for now.
pub struct Gateway {
    url: Url,
    token_file: Option<String>,
    client: Client,
    per_minute_max: u32,
    troubles: u32,
    alone_until: Option<Instant>,
    /// When messages went within the last minute.
    minute: (Instant, u32),
}

impl Gateway {
    /// The gateway that the settings name; `None`: nothing is sent. In an exercise it is on this machine: people are made up, and numbers may
    /// be somebody's all the same.
    pub fn of(given: &config::Messages, exercise: bool) -> Result<Option<Gateway>, Wrong> {
        let wrong = |key, problem: String, remedy| Wrong { key, problem, remedy };
        if given.hour >= dayclear_core::messages::LAST_HOUR {
            let problem = format!("{} is no hour at which people are asked", given.hour);
            return Err(wrong("messages.hour", problem, "write an hour from 0 to 20"));
        }
        let Some(address) = &given.url else { return Ok(None) };
        let usable = |url: &Url| allowed(url) && url.query().is_none() && url.fragment().is_none();
        let url = Url::parse(address).ok().filter(usable).ok_or_else(|| {
            let problem = format!("'{address}' is no address to which numbers of people may be sent");
            wrong("messages.url", problem, "write https://HOST/PATH; http only on this machine")
        })?;
        if exercise && url.scheme() != "http" {
            let problem = "an exercise sends messages to nobody".to_owned();
            return Err(wrong(
                "messages.url",
                problem,
                "leave it out in an exercise, or name a gateway on this machine",
            ));
        }
        let client = Client::new(given.authorities.as_deref()).map_err(|problem| {
            wrong("messages.authorities", problem, "give the certificates of the authorities as PEM, or leave it out")
        })?;
        Ok(Some(Gateway {
            url,
            token_file: given.token_file.clone(),
            client,
            per_minute_max: given.per_minute_max.max(1),
            troubles: 0,
            alone_until: None,
            minute: (Instant::now(), 0),
        }))
    }

    /// How many messages it is given now.
    fn room(&mut self) -> usize {
        let now = Instant::now();
        if now.duration_since(self.minute.0) >= Duration::from_secs(60) {
            self.minute = (now, 0);
        }
        let left = self.per_minute_max.saturating_sub(self.minute.1) as usize;
        match self.alone_until {
            Some(until) if now < until => 0,
            // one tries whether it is back
            Some(_) => left.min(1),
            None => left.min(AT_ONCE),
        }
    }

    /// Whether it is left alone for now.
    pub fn is_left_alone(&self) -> bool {
        self.alone_until.is_some_and(|until| Instant::now() < until)
    }

    /// Gives it a message.
    async fn give(&self, token: &str, message: &Outgoing) -> (Outcome, Option<&'static str>) {
        let body = json!({"id": message.id, "to": message.to, "text": message.text,
            "language": lang_of(message.language).tag()});
        let authorization = format!("Bearer {token}");
        match self.client.post_once(&self.url, body.to_string(), &authorization, &message.id).await {
            Ok(_) => (Outcome::Sent, None),
            // a number that it will never take; what is wrong with us is trouble
            Err(Unreachable::Status { status, .. })
                if (400..500).contains(&status) && !matches!(status, 401 | 403 | 404 | 408 | 425 | 429) =>
            {
                (Outcome::Refused("the gateway refused it"), None)
            }
            Err(trouble) => (Outcome::Later, Some(trouble.kind())),
        }
    }

    fn heard(&mut self, trouble: Option<&'static str>) {
        let Some(kind) = trouble else {
            (self.troubles, self.alone_until) = (0, None);
            return;
        };
        self.troubles += 1;
        if self.troubles >= TROUBLES_MAX {
            let (first, longest) = ALONE;
            let doubled = first * 2u32.saturating_pow((self.troubles - TROUBLES_MAX).min(8));
            let pause = doubled.min(longest);
            self.alone_until = Some(Instant::now() + pause);
            let seconds = pause.as_secs();
            tracing::warn!(target: "dayclear::messages", kind, seconds, "the gateway is left alone for a while");
        }
    }

    /// Gives it what may go now; how many it took.
    pub async fn send(&mut self, app: &App) -> Result<usize, OpsError> {
        let room = self.room();
        if room == 0 {
            return Ok(0);
        }
        let scope = app.own_scope();
        let counter = |now| Counter { now, ..counter(app, &scope) };
        let all = messages::take(app.door(), &counter(app.now()), room).await?;
        if all.is_empty() {
            return Ok(0);
        }
        self.minute.1 += u32::try_from(all.len()).unwrap_or(u32::MAX);
        let token = match &self.token_file {
            None => Ok(String::new()),
            Some(path) => std::fs::read_to_string(path).map(|text| text.trim().to_owned()),
        };
        let told = match &token {
            Ok(token) => join_all(all.iter().map(|message| self.give(token, message))).await,
            Err(_) => vec![(Outcome::Later, Some("no token")); all.len()],
        };
        told.iter().for_each(|(_, trouble)| self.heard(*trouble));
        let sent = told.iter().filter(|(outcome, _)| *outcome == Outcome::Sent).count();
        let settled: Vec<(Outgoing, Outcome)> =
            all.into_iter().zip(told).map(|(one, (outcome, _))| (one, outcome)).collect();
        messages::settle(app.door(), &counter(app.now()), &settled).await?;
        Ok(sent)
    }
}

fn counter<'a>(app: &'a App, city: &'a dayclear_store::Scope) -> Counter<'a> {
    let Setup { packs, settings, pack, .. } = &app.setup;
    Counter { packs, pack, settings, city, now: app.now() }
}

/// Most people read simplified Chinese; who reads something else was asked at the door.
fn lang_of(language: Option<Language>) -> Lang {
    match language {
        None | Some(Language::ZhHans) => Lang::ZhHans,
        Some(Language::ZhHant) => Lang::ZhHant,
        Some(Language::En) => Lang::En,
    }
}

/// The words of a message: what to do in the first line, then the page, then who sends. It names nobody and says nothing of anybody; an address
/// for which there is no room is left out.
fn words(config: &config::Config, kind: MessageKind, language: Option<Language>, shared: bool) -> String {
    let w = Words::of(lang_of(language));
    let first = match (kind, shared) {
        (MessageKind::Ask, false) => w.say("message-ask"),
        (MessageKind::Ask, true) => w.say("message-ask-page"),
        (MessageKind::Recall, _) => w.say("message-recall"),
    };
    let page = match (kind, &config.general.origin) {
        (MessageKind::Ask, Some(origin)) => Some(format!("{}{PAGE}", origin.trim_end_matches('/'))),
        _ => None,
    };
    let with = |page: Option<&String>| {
        let lines = [Some(&first), page, Some(&config.messages.sender)];
        lines.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("\n")
    };
    let whole = with(page.as_ref());
    if whole.chars().count() <= TEXT_CHARS_MAX { whole } else { with(None) }
}

/// Makes what is to go now.
pub async fn make(app: &App) -> Result<Looked, OpsError> {
    let scope = app.own_scope();
    let write = |kind, language, shared| words(&app.config, kind, language, shared);
    messages::look(app.door(), &counter(app, &scope), app.config.messages.hour, &write).await
}

/// Sends until the server stops; not at all where no gateway is named.
pub async fn run(app: Arc<App>) {
    // what cannot be used keeps the server from starting: `config::check`
    let Ok(Some(mut gateway)) = Gateway::of(&app.config.messages, app.setup.exercise) else { return };
    let mut stop = app.stop.subscribe();
    let mut looked: Option<Instant> = None;
    loop {
        if looked.is_none_or(|at| at.elapsed() >= ASK_EVERY) {
            looked = Some(Instant::now());
            match make(&app).await {
                Ok(Looked { made: 0, ended: 0, .. }) => {}
                Ok(Looked { made, waits, ended }) => {
                    app.live.nudge();
                    tracing::info!(target: "dayclear::messages", made, waits, ended, "messages were made");
                }
                Err(error) => troubled(&error),
            }
        }
        match gateway.send(&app).await {
            Ok(0) => {}
            Ok(sent) => {
                app.live.nudge();
                tracing::debug!(target: "dayclear::messages", sent, "messages went");
            }
            Err(error) => troubled(&error),
        }
        tokio::select! {
            () = stop.wait_for(|stopped| *stopped).map(drop) => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

fn troubled(error: &OpsError) {
    let (kind, told) = crate::logs::trouble(error);
    tracing::error!(target: "dayclear::messages", kind, told, "messages wait");
}

#[cfg(test)]
mod tests {
    use super::*;
    use dayclear_core::messages::FIRST_LINE_CHARS_MAX;

    #[test]
    fn the_first_line_says_what_to_do_and_no_line_says_more() {
        let mut config = config::Config::default();
        for origin in [
            None,
            Some("https://dayclear.example"),
            Some("https://a-very-long-name.of-a-city.example.org:8443/and/a/path/below/it/that/nobody/needs"),
        ] {
            config.general.origin = origin.map(str::to_owned);
            for language in [None, Some(Language::ZhHans), Some(Language::ZhHant), Some(Language::En)] {
                for (kind, shared) in
                    [(MessageKind::Ask, false), (MessageKind::Ask, true), (MessageKind::Recall, false)]
                {
                    let text = words(&config, kind, language, shared);
                    let lines: Vec<&str> = text.lines().collect();
                    assert!(text.chars().count() <= TEXT_CHARS_MAX, "{text}");
                    assert!(lines[0].chars().count() <= FIRST_LINE_CHARS_MAX, "{text}");
                    assert_eq!(lines.last(), Some(&"Dayclear"), "{text}");
                    let digits = lines[0].contains('1') && lines[0].contains('2');
                    assert_eq!(digits, kind == MessageKind::Ask && !shared, "{text}");
                    for never in
                        ["contact", "positive", "case", "isolation", "密接", "阳性", "陽性", "隔离", "隔離", "感染"]
                    {
                        assert!(!text.to_lowercase().contains(never), "{text}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_gateway_in_the_clear_or_of_an_exercise_elsewhere_is_none() {
        let given = |url: &str| config::Messages { url: Some(url.to_owned()), ..config::Messages::default() };
        let is = |url: &str, exercise: bool| match Gateway::of(&given(url), exercise) {
            Ok(gateway) => gateway.is_some(),
            Err(wrong) => {
                assert_eq!(wrong.key, "messages.url");
                false
            }
        };
        assert!(is("https://sms.example/send", false) && is("http://127.0.0.1:9/send", false));
        assert!(is("http://127.0.0.1:9/send", true));
        for (url, exercise) in [
            ("http://sms.example/send", false),
            ("https://sms.example/send?key=1", false),
            ("https://user:word@sms.example/send", false),
            ("sms", false),
            ("https://sms.example/send", true),
        ] {
            assert!(!is(url, exercise), "{url}");
        }
        assert!(Gateway::of(&config::Messages::default(), false).is_ok_and(|none| none.is_none()));
        assert!(Gateway::of(&config::Messages { hour: 23, ..config::Messages::default() }, false).is_err());
    }
}
