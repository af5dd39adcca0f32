//! Every setting of the server, declared once: its key, its default and what it means. From a declaration follow the key
//! of the file, the variable of the environment and the table in the documents; limits are named with their unit last.

mod check;
mod network;
mod sender;
mod source;

pub use check::check;
pub(crate) use check::folder_of;
pub use network::Network;
pub use sender::Sender;
pub use source::{Finding, Origin, Setting, Source, variable};

use dayclear_exchange::Codes;
use dayclear_ops::needs::Needs;
use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

/// What is known of a setting.
pub struct Key {
    /// Key, as in the file.
    pub name: &'static str,
    /// Default, as it would be written there.
    pub default: String,
    /// What it means.
    pub about: &'static str,
}

macro_rules! settings {
    ($(#[$meta:meta])* $name:ident in $section:literal {
        $(#[doc = $about:literal] $field:ident: $kind:ty = $default:expr,)+
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $name { $(#[doc = $about] pub $field: $kind,)+ }
        impl Default for $name {
            fn default() -> Self { $name { $($field: $default,)+ } }
        }
        impl $name {
            const NAMES: &'static [&'static str] = &[$(concat!($section, stringify!($field))),+];
            fn read(source: &mut Source) -> Self {
                let mut names = Self::NAMES.iter();
                let mut name = || names.next().copied().unwrap_or_default();
                let default = Self::default();
                $name { $($field: source.take(name(), default.$field),)+ }
            }
            fn keys(&self) -> Vec<Key> {
                let abouts = [$($about),+].map(str::trim);
                let defaults = [$(self.$field.text()),+];
                let named = Self::NAMES.iter().zip(defaults).zip(abouts);
                named.map(|((name, default), about)| Key { name, default, about }).collect()
            }
        }
    };
}

settings! {
    /// What stands at the top of the file.
    General in "" {
        /// Address and port to listen on; beyond loopback only with TLS or behind a trusted proxy.
        listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 8080)),
        /// Address and port for `/metrics`, `/healthz` and `/readyz`.
        metrics_listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 9184)),
        /// File with the token that a reader of `/metrics` must bring; needed beyond loopback.
        metrics_token_file: Option<String> = None,
        /// Store: a file for SQLite, or `postgres://USER@HOST:PORT/NAME`.
        db: String = "dayclear.db".to_owned(),
        /// Folder for files of imports until they are read; it outlasts a restart. Empty: beside the store's file.
        imports: Option<String> = None,
        /// File in which coverage of rounds is kept over a stop. Empty: beside the store's file; of a store that is a server none is kept.
        coverage: Option<String> = None,
        /// File with the keys of the store, readable by its owner only; empty: `dayclear.keys` beside the store.
        secrets: Option<String> = None,
        /// Code of the city; empty: as the store has it.
        city: Option<String> = None,
        /// Time zone in which the city counts its days.
        zone: String = "Asia/Shanghai".to_owned(),
        /// Id of a protocol pack, or name of a disease: the rules in force.
        pack: String = "covid-19".to_owned(),
        /// File with the codes by which laboratories tell findings and Ct; empty: the table that comes with the program.
        laboratory_codes: Option<String> = None,
        /// File with what a case needs (TOML), for the days ahead; empty: the assumptions that come with the program.
        needs: Option<String> = None,
        /// File or folder with the font that papers are set with (TTF, OTF, TTC); empty: where systems keep fonts.
        fonts: Option<String> = None,
        /// Networks of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
        trusted_proxies: Vec<Network> = Vec::new(),
        /// Address under which people reach the console, such as `https://dayclear.example`; empty: as the request says.
        origin: Option<String> = None,
        /// People and figures are made up, and every page says so.
        exercise: bool = false,
        /// Least weight of what is logged: error, warn, info or debug.
        log_level: Level = Level(tracing::Level::INFO),
        /// Seconds in which work that has begun may end after the server was told to stop.
        drain_max_s: u64 = 20,
    }
}

settings! {
    /// Encryption.
    Tls in "tls." {
        /// Certificate chain, as PEM; read again on SIGHUP.
        certificate: Option<String> = None,
        /// Its private key, as PEM; readable by its owner only.
        key: Option<String> = None,
    }
}

settings! {
    /// Signing in at an identity provider by OpenID Connect.
    Oidc in "oidc." {
        /// Address of the provider, exactly as it calls itself: `https://id.example.org/realm`; empty: there is none.
        issuer: Option<String> = None,
        /// Id under which this server is known there.
        client_id: Option<String> = None,
        /// Secret of that client; the file below is better, because others can read variables and arguments.
        client_secret: Option<Secret> = None,
        /// File with the secret, readable by its owner only; read again at each sign-in.
        client_secret_file: Option<String> = None,
        /// What people call the provider; empty: single sign-on.
        label: Option<String> = None,
        /// Values of `amr` or `acr` by which the provider vouches for a second factor; without one of them a code is asked here.
        second_factor: Vec<String> = vec!["mfa".to_owned()],
        /// Certificates of the authorities to trust for the provider, as PEM; empty: those that browsers trust.
        authorities: Option<String> = None,
    }
}

settings! {
    /// Travel times by road.
    Travel in "travel." {
        /// File of measured travel times (CSV: from,to,minutes; `docs/dispatch.md`); empty: none.
        matrix: Option<String> = None,
        /// Address of a router that is asked for travel times: `http://127.0.0.1:5000`, or with https elsewhere; empty: the built-in model.
        router: Option<String> = None,
        /// What the router is: osrm or valhalla.
        dialect: String = "osrm".to_owned(),
        /// Certificates of the authorities to trust for the router, as PEM; empty: those that browsers trust.
        authorities: Option<String> = None,
    }
}

settings! {
    /// Messages to people in follow-up.
    Messages in "messages." {
        /// Address of the gateway that carries messages to telephones: https, or http on this machine; empty: nothing is sent.
        url: Option<String> = None,
        /// File with the token that the gateway wants, readable by its owner only; read again at each sending.
        token_file: Option<String> = None,
        /// Who sends, as the last line of a message says it.
        sender: String = "Dayclear".to_owned(),
        /// Hour of the day, in the zone of the city, from which on people are asked by message.
        hour: u8 = 9,
        /// Messages a minute at most.
        per_minute_max: u32 = 600,
        /// Certificates of the authorities to trust for the gateway, as PEM; empty: those that browsers trust.
        authorities: Option<String> = None,
    }
}

settings! {
    /// Results by HL7 v2.
    Mllp in "mllp." {
        /// Address and port for HL7 v2 over MLLP; empty: nobody listens. Beyond loopback only with TLS or behind a trusted proxy.
        listen: Option<SocketAddr> = None,
        /// Who may send: `MSH-3/MSH-4 = LOGIN`, then networks and the `sha256:` of client certificates from which they may.
        senders: Vec<Sender> = Vec::new(),
        /// Certificates of the authorities of client certificates, as PEM; empty: none are asked for.
        client_authorities: Option<String> = None,
        /// Bytes of a message.
        message_bytes_max: usize = 1 << 20,
        /// Connections at once.
        connections_max: usize = 256,
        /// Seconds that a connection may be silent, or take for one message.
        idle_max_s: u64 = 300,
    }
}

settings! {
    /// How much at once, and how long.
    Limits in "limits." {
        /// Requests in work at once; emergency requests come on top.
        requests_max: usize = 64,
        /// Percent of them at which dashboards, exports and public pages wait.
        board_share_pct: u8 = 60,
        /// Percent of them at which the work of staff waits.
        work_share_pct: u8 = 85,
        /// Requests of one class that wait at once.
        queue_requests_max: usize = 1_024,
        /// Milliseconds that a request waits before it is turned away.
        queue_wait_max_ms: u64 = 5_000,
        /// Connections at once.
        connections_max: usize = 4_096,
        /// Seconds in which a request must have said what it wants.
        header_read_max_s: u64 = 10,
        /// Seconds in which a request is answered, its body included.
        request_max_s: u64 = 30,
        /// The same for imports and exports.
        import_request_max_s: u64 = 600,
        /// Bytes of a body.
        body_bytes_max: usize = 4 << 20,
        /// Bytes of a form.
        form_bytes_max: usize = 2 << 20,
        /// Bytes of a file that is brought in.
        import_bytes_max: usize = 512 << 20,
        /// Requests a second of one account, on average.
        account_per_s_max: u32 = 50,
        /// Requests of one account in one burst.
        account_burst_max: u32 = 300,
        /// Requests a second of one address, on average; many people may share it.
        site_per_s_max: u32 = 500,
        /// Requests of one address in one burst.
        site_burst_max: u32 = 2_000,
        /// Requests a second of one address without a session, on average.
        stranger_per_s_max: u32 = 20,
        /// Requests of one address without a session in one burst.
        stranger_burst_max: u32 = 100,
        /// Accounts and addresses that are counted at once.
        buckets_max: usize = 100_000,
    }
}

settings! {
    /// Live updates.
    Live in "live." {
        /// Milliseconds between two looks at the chain of events.
        poll_ms: u64 = 250,
        /// Streams at once.
        streams_max: usize = 2_000,
        /// Streams of one account at once.
        account_streams_max: usize = 10,
        /// Events that a page may have missed and is still told of one by one.
        resume_events_max: u32 = 10_000,
        /// Seconds between two signs of life; the session is looked at as often.
        keep_alive_s: u64 = 15,
    }
}

settings! {
    /// What the server does by itself.
    Housekeeping in "housekeeping." {
        /// Seconds between two runs of the line when no evidence comes in.
        line_every_s: u64 = 60,
        /// Seconds since the last good run of the line after which the server is not ready.
        line_age_max_s: u64 = 300,
        /// Days for which keys of commands are kept: telephones may be offline that long.
        command_keys_kept_d: u64 = 7,
        /// Milliseconds in which the store must answer for the server to be ready.
        store_answer_max_ms: u64 = 2_000,
        /// Megabytes that must be free where the store's file is.
        disk_free_min_mb: u64 = 512,
    }
}

impl Travel {
    /// Whether anything is said of travel times.
    pub fn is_given(&self) -> bool {
        self.matrix.is_some() || self.router.is_some()
    }
}

/// Weight of a line of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level(pub tracing::Level);

impl Setting for Level {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "error" => Ok(Level(tracing::Level::ERROR)),
            "warn" => Ok(Level(tracing::Level::WARN)),
            "info" => Ok(Level(tracing::Level::INFO)),
            "debug" => Ok(Level(tracing::Level::DEBUG)),
            _ => Err("error, warn, info or debug".to_owned()),
        }
    }
    fn text(&self) -> String {
        format!("\"{}\"", self.0.as_str().to_lowercase())
    }
}

/// A value that nobody is shown, in no form.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub(crate) String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(not shown)")
    }
}

impl Setting for Secret {
    fn read(text: &str) -> Result<Self, String> {
        Ok(Secret(text.to_owned()))
    }
    fn text(&self) -> String {
        "(not shown)".to_owned()
    }
}

impl Setting for SocketAddr {
    fn read(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| "an address and a port, such as 127.0.0.1:8080 or [::1]:8080".to_owned())
    }
    fn text(&self) -> String {
        format!("\"{self}\"")
    }
}

/// Every setting.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// What stands at the top.
    pub general: General,
    /// `[tls]`
    pub tls: Tls,
    /// `[oidc]`
    pub oidc: Oidc,
    /// `[travel]`
    pub travel: Travel,
    /// `[messages]`
    pub messages: Messages,
    /// `[mllp]`
    pub mllp: Mllp,
    /// `[limits]`
    pub limits: Limits,
    /// `[live]`
    pub live: Live,
    /// `[housekeeping]`
    pub housekeeping: Housekeeping,
    origins: BTreeMap<String, Origin>,
}

impl Config {
    /// Where files of imports are kept until they are read. A store that is a server has no folder of its own.
    pub fn imports_folder(&self) -> PathBuf {
        let named = self.general.imports.as_ref().map(PathBuf::from);
        let beside = || folder_of(&self.general.db).map(|folder| folder.join("imports"));
        named.or_else(beside).unwrap_or_else(|| std::env::temp_dir().join("dayclear-imports"))
    }
    /// Reads what was given. With the settings come the faults: they hold defaults where something could not be read.
    pub fn read(mut source: Source) -> (Config, Vec<Finding>) {
        let names = Self::names();
        let mut config = Config {
            general: General::read(&mut source),
            tls: Tls::read(&mut source),
            oidc: Oidc::read(&mut source),
            travel: Travel::read(&mut source),
            messages: Messages::read(&mut source),
            mllp: Mllp::read(&mut source),
            limits: Limits::read(&mut source),
            live: Live::read(&mut source),
            housekeeping: Housekeeping::read(&mut source),
            origins: BTreeMap::new(),
        };
        let (origins, faults) = source.end(&names);
        config.origins = origins;
        (config, faults)
    }

    /// Every key.
    pub fn names() -> Vec<&'static str> {
        [
            General::NAMES,
            Tls::NAMES,
            Oidc::NAMES,
            Travel::NAMES,
            Messages::NAMES,
            Mllp::NAMES,
            Limits::NAMES,
            Live::NAMES,
            Housekeeping::NAMES,
        ]
        .concat()
    }

    /// Every key with its default and its meaning.
    pub fn keys() -> Vec<Key> {
        let default = Config::default();
        let mut keys = default.general.keys();
        keys.extend(default.tls.keys());
        keys.extend(default.oidc.keys());
        keys.extend(default.travel.keys());
        keys.extend(default.messages.keys());
        keys.extend(default.mllp.keys());
        keys.extend(default.limits.keys());
        keys.extend(default.live.keys());
        keys.extend(default.housekeeping.keys());
        keys
    }

    /// The table by which codes of laboratories are read.
    pub fn codes(&self) -> Result<Codes, String> {
        let Some(path) = &self.general.laboratory_codes else {
            return Codes::builtin().map_err(|error| error.to_string());
        };
        let text = std::fs::read_to_string(path).map_err(|error| format!("{path} cannot be read: {error}"))?;
        Codes::read(&text).map_err(|error| format!("{path}: {error}"))
    }

    /// What a case needs, for the days ahead.
    pub fn needs(&self) -> Result<Needs, String> {
        let Some(path) = &self.general.needs else {
            return Needs::built_in().map_err(|error| error.to_string());
        };
        let text = std::fs::read_to_string(path).map_err(|error| format!("{path} cannot be read: {error}"))?;
        Needs::read(&text).map_err(|error| format!("{path}: {error}"))
    }

    /// Where a value came from.
    pub fn origin(&self, key: &str) -> Origin {
        self.origins.get(key).cloned().unwrap_or_default()
    }

    /// The file with the keys of the store: as named, or `dayclear.keys` beside the store.
    pub fn secrets_path(&self) -> String {
        const NAME: &str = "dayclear.keys";
        match (&self.general.secrets, folder_of(&self.general.db)) {
            (Some(path), _) => path.clone(),
            (None, Some(folder)) if folder != std::path::Path::new(".") => {
                folder.join(NAME).to_string_lossy().into_owned()
            }
            (None, _) => NAME.to_owned(),
        }
    }

    /// Whether connections are encrypted here.
    pub fn has_tls(&self) -> bool {
        self.tls.certificate.is_some()
    }
}

#[cfg(test)]
mod tests;
