//! Asking another server (the identity provider, a router, a gateway of messages): one request on one connection, encrypted, small and short. It may use hyper and rustls; it guarantees
//! that nothing is sent in the clear beyond this machine, that no redirection is followed, and that an answer has an end.

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Method, Request, StatusCode,
    client::conn::http1,
    header::{ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;
use url::{Host, Url};

/// From the first byte to the last.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);
/// Longest answer: a list of keys with their certificates and a table of 30 by 30 travel times stay far below.
const BODY_BYTES_MAX: usize = 256 << 10;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Unreachable {
    /// No connection.
    #[error("the server at {host} cannot be reached ({kind})")]
    Connection {
        /// Where.
        host: String,
        /// Kind of trouble.
        kind: String,
    },
    /// Its certificate.
    #[error("the server at {host} cannot be trusted: {problem}")]
    Certificate {
        /// Where.
        host: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Too slow.
    #[error("the server at {host} did not answer in time")]
    Late {
        /// Where.
        host: String,
    },
    /// Another status than 200.
    #[error("the server at {host} answered with status {status}")]
    Status {
        /// Where.
        host: String,
        /// Status.
        status: u16,
    },
    /// Cut off, too long, or no HTTP.
    #[error("the server at {host} gave an answer that cannot be read")]
    Answer {
        /// Where.
        host: String,
    },
}

impl Unreachable {
    /// What it is, for the log.
    pub fn kind(&self) -> &'static str {
        match self {
            Unreachable::Connection { .. } => "no connection",
            Unreachable::Certificate { .. } => "certificate",
            Unreachable::Late { .. } => "late",
            Unreachable::Status { .. } => "status",
            Unreachable::Answer { .. } => "answer not understood",
        }
    }
}

/// Whether something may be sent there: encrypted, or to this machine.
pub fn allowed(url: &Url) -> bool {
    let here = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => return false,
    };
    url.username().is_empty()
        && url.password().is_none()
        && (url.scheme() == "https" || (url.scheme() == "http" && here))
}

/// Checks the address of a provider (OpenID Connect Discovery 1.0, section 3: no query, no fragment).
pub fn address(issuer: &str) -> Result<(), &'static str> {
    let url = Url::parse(issuer).map_err(|_| "it is no address")?;
    match () {
        () if !allowed(&url) => Err("secrets would go there in the clear"),
        () if url.query().is_some() || url.fragment().is_some() => Err("it has a query or a fragment"),
        () => Ok(()),
    }
}

/// Reads the certificates of authorities.
pub fn authorities(path: &str) -> Result<RootCertStore, String> {
    let wrong = |problem: &dyn std::fmt::Display| format!("{path} cannot be used: {problem}");
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| wrong(&error))? {
        let certificate = certificate.map_err(|error| wrong(&error))?;
        roots.add(certificate).map_err(|error| wrong(&error))?;
    }
    if roots.is_empty() { Err(wrong(&"it holds no certificate")) } else { Ok(roots) }
}

/// What is asked.
struct Asked<'a> {
    method: Method,
    body: Bytes,
    /// Media type of the body.
    kind: &'static str,
    authorization: Option<&'a str>,
    /// Key by which it is taken once.
    once: Option<&'a str>,
}

/// Asks.
pub struct Client(TlsConnector);

impl Client {
    /// A client that trusts these authorities, or those that browsers trust.
    pub fn new(trusted: Option<&str>) -> Result<Self, String> {
        let roots = match trusted {
            Some(path) => authorities(path)?,
            None => RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() },
        };
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Client(TlsConnector::from(Arc::new(config))))
    }

    /// Asks for something.
    pub async fn get(&self, url: &Url) -> Result<Bytes, Unreachable> {
        self.send(url, Asked { method: Method::GET, body: Bytes::new(), kind: "", authorization: None, once: None })
            .await
    }

    /// Sends a form.
    pub async fn post(&self, url: &Url, form: String, authorization: Option<&str>) -> Result<Bytes, Unreachable> {
        let kind = "application/x-www-form-urlencoded";
        self.send(url, Asked { method: Method::POST, body: form.into(), kind, authorization, once: None }).await
    }

    /// Sends JSON under a key by which the server takes it once.
    pub async fn post_once(
        &self,
        url: &Url,
        json: String,
        authorization: &str,
        key: &str,
    ) -> Result<Bytes, Unreachable> {
        let (kind, authorization, once) = ("application/json", Some(authorization), Some(key));
        self.send(url, Asked { method: Method::POST, body: json.into(), kind, authorization, once }).await
    }

    async fn send(&self, url: &Url, asked: Asked<'_>) -> Result<Bytes, Unreachable> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let answered = tokio::time::timeout(ANSWERS_WITHIN, self.exchange(url, asked));
        answered.await.unwrap_or(Err(Unreachable::Late { host }))
    }

    async fn exchange(&self, url: &Url, asked: Asked<'_>) -> Result<Bytes, Unreachable> {
        let Asked { method, body, kind, authorization, once } = asked;
        let host = url.host_str().unwrap_or_default().to_owned();
        let unread = || Unreachable::Answer { host: host.clone() };
        // an endpoint was looked at before it was kept; this holds for every other way here too
        if !allowed(url) {
            return Err(unread());
        }
        let port = url.port_or_known_default().unwrap_or(443);
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.clone(),
        };
        let mut request = Request::builder()
            .method(method)
            .uri(&url[url::Position::BeforePath..url::Position::AfterQuery])
            .header(HOST, authority)
            .header(USER_AGENT, "dayclear")
            .header(ACCEPT, "application/json")
            .header(CONNECTION, "close");
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, kind);
        }
        if let Some(once) = once {
            request = request.header("idempotency-key", once);
        }
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let request = request.body(Full::new(body)).map_err(|_| unread())?;

        // an IPv6 address stands in brackets in a URL, and without them elsewhere
        let name = host.trim_start_matches('[').trim_end_matches(']');
        let connected = TcpStream::connect((name, port)).await;
        let stream = connected
            .map_err(|error| Unreachable::Connection { host: host.clone(), kind: error.kind().to_string() })?;
        if url.scheme() == "http" {
            return converse(stream, request, &host).await;
        }
        let server = ServerName::try_from(name.to_owned()).map_err(|_| unread())?;
        let stream = self.0.connect(server, stream).await;
        let stream =
            stream.map_err(|error| Unreachable::Certificate { host: host.clone(), problem: error.to_string() })?;
        converse(stream, request, &host).await
    }
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
    host: &str,
) -> Result<Bytes, Unreachable> {
    let unread = || Unreachable::Answer { host: host.to_owned() };
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|_| unread())?;
    // it ends with the sender and the answer, which this function holds
    let pump = tokio::spawn(connection);
    let ended = async {
        let answer = sender.send_request(request).await.map_err(|_| unread())?;
        let status = answer.status();
        if status != StatusCode::OK {
            return Err(Unreachable::Status { host: host.to_owned(), status: status.as_u16() });
        }
        let body = Limited::new(answer.into_body(), BODY_BYTES_MAX).collect().await.map_err(|_| unread())?;
        Ok(body.to_bytes())
    };
    let ended = ended.await;
    pump.abort();
    ended
}
