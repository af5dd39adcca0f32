//! The server on real sockets: slow senders, certificates, stopping.

use super::{
    app_on,
    http::{send, send_on},
    sign_in,
};
use axum::{Router, routing::any};
use dayclear_core::access::Role;
use dayclear_web::{
    App, Config, guarded,
    serve::{Bound, Ended, run},
    tls::Certificate,
};
use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::oneshot,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

const HERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

struct Running {
    app: Arc<App>,
    address: SocketAddr,
    watchers: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Ended>,
    _folder: tempfile::TempDir,
}

async fn start(change: impl FnOnce(&mut Config), certificate: Option<Arc<Certificate>>) -> Running {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.general.db = folder.path().join("dayclear.db").to_string_lossy().into_owned();
    change(&mut config);
    let url = config.general.db.clone();
    let app = app_on(&url, config).await;
    let slow = any(|| async {
        sleep(Duration::from_millis(600)).await;
        "done"
    });
    let routes =
        Router::new().route("/slow", slow).merge(dayclear_web::live::routes()).merge(dayclear_web::health::routes());
    let router = guarded(Arc::clone(&app), routes);
    let bound = Bound::open(HERE, Some(HERE), certificate).await.unwrap();
    let (address, watchers) = (bound.address().unwrap(), bound.watchers().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let ended = tokio::spawn(run(Arc::clone(&app), router, bound, None, async {
        let _ = stopped.await;
    }));
    Running { app, address, watchers, stop, ended, _folder: folder }
}

#[tokio::test]
async fn a_sender_that_says_nothing_or_little_is_cut_off() {
    let running = start(|config| config.limits.header_read_max_s = 1, None).await;
    for words in ["", "GET / HTTP/1.1\r\nhost: h\r\nx-a: "] {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        stream.write_all(words.as_bytes()).await.unwrap();
        let since = Instant::now();
        let mut answer = Vec::new();
        let ended = timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await;
        assert!(ended.is_ok(), "the connection is still open after {words:?}");
        assert!(since.elapsed() < Duration::from_secs(3));
    }
    // a drip that never ends the head
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nx: ").await.unwrap();
    let dripping = async {
        loop {
            if stream.write_all(b"a").await.is_err() {
                return;
            }
            sleep(Duration::from_millis(100)).await;
        }
    };
    assert!(timeout(Duration::from_secs(5), dripping).await.is_ok(), "a drip keeps a connection for ever");
    assert_eq!(send(running.address, "GET", "/healthz", "", "").await.unwrap().status, 200);
}

#[tokio::test]
async fn a_body_that_drips_is_given_up() {
    let running = start(|config| config.limits.request_max_s = 1, None).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let head = "POST /slow HTTP/1.1\r\nhost: h\r\nsec-fetch-site: none\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 1_000];
    let read = timeout(Duration::from_secs(3), stream.read(&mut answer)).await.unwrap().unwrap();
    assert!(read > 0, "an answer comes although the body does not");
}

#[tokio::test]
async fn stopping_finishes_what_has_begun_and_takes_nothing_new() {
    let running = start(|config| config.general.drain_max_s = 5, None).await;
    let token = sign_in(&running.app, "anna", Role::DistrictCommand, "500103").await.token;
    let bearer = format!("authorization: Bearer {token}\r\n");
    let address = running.address;
    let slow = tokio::spawn(async move { send(address, "GET", "/slow", "", "").await });
    let live = tokio::spawn(async move { send(address, "GET", "/live?topics=cases", &bearer, "").await });
    // an idle connection that is kept alive
    let mut idle = TcpStream::connect(address).await.unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: h\r\n\r\n").await.unwrap();
    let mut answer = vec![0; 4_000];
    assert!(idle.read(&mut answer).await.unwrap() > 0);
    sleep(Duration::from_millis(200)).await;
    assert_eq!(send(running.watchers, "GET", "/readyz", "", "").await.unwrap().status, 200);
    running.stop.send(()).unwrap();
    sleep(Duration::from_millis(50)).await;
    assert!(TcpStream::connect(address).await.is_err(), "a new connection was taken");
    let ready = send(running.watchers, "GET", "/readyz", "", "").await.unwrap();
    assert_eq!(ready.status, 503);
    assert!(ready.body.contains("stopping"), "{}", ready.body);
    assert_eq!(
        timeout(Duration::from_secs(1), idle.read(&mut answer)).await.unwrap().unwrap(),
        0,
        "idle ones are closed"
    );
    let done = slow.await.unwrap().unwrap();
    assert_eq!((done.status, done.body.as_str()), (200, "done"));
    assert_eq!(live.await.unwrap().unwrap().status, 200);
    assert_eq!(timeout(Duration::from_secs(3), running.ended).await.unwrap().unwrap(), Ended::Drained);
}

#[tokio::test]
async fn stopping_does_not_wait_longer_than_it_may() {
    let running = start(
        |config| {
            config.general.drain_max_s = 1;
            config.limits.header_read_max_s = 60;
        },
        None,
    )
    .await;
    let mut half = TcpStream::connect(running.address).await.unwrap();
    half.write_all(b"POST /slow HTTP/1.1\r\nhost: h\r\ncontent-length: 9\r\n\r\n").await.unwrap();
    sleep(Duration::from_millis(100)).await;
    running.stop.send(()).unwrap();
    let since = Instant::now();
    timeout(Duration::from_secs(4), running.ended).await.unwrap().unwrap();
    assert!(since.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn figures_are_for_watchers_and_the_public_does_not_find_them() {
    let running = start(|_| {}, None).await;
    assert_eq!(send(running.address, "GET", "/slow", "", "").await.unwrap().status, 200);
    assert_eq!(send(running.address, "GET", "/metrics", "", "").await.unwrap().status, 404);
    let figures = send(running.watchers, "GET", "/metrics", "", "").await.unwrap();
    assert!(figures.head.contains("text/plain; version=0.0.4"), "{}", figures.head);
    for part in [
        "dayclear_requests_total{route=\"/slow\",method=\"GET\",status=\"200\"} 1",
        "dayclear_store_connections{state=\"max\"}",
        "dayclear_outbox_waiting 0",
        "dayclear_ready 1",
    ] {
        assert!(figures.body.contains(part), "{part} is not in\n{}", figures.body);
    }
}

/// A certificate for `localhost`, made here, and its name as the client knows it.
fn certificate(folder: &Path) -> (String, String, rustls::pki_types::CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let text = |path: &Path| path.to_string_lossy().into_owned();
    (text(&certificate), text(&key), made.cert.der().clone())
}

async fn trusting(address: SocketAddr, root: &rustls::pki_types::CertificateDer<'static>) -> Result<String, String> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(root.clone()).unwrap();
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await.unwrap();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let stream = connector.connect("localhost".try_into().unwrap(), stream).await.map_err(|error| error.to_string())?;
    send_on(stream, "GET", "/healthz", "", "").await.map(|answer| answer.head).map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_certificate_is_used_and_a_new_one_takes_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let (file, key, first) = certificate(folder.path());
    let open = Arc::new(Certificate::open(&file, &key).unwrap());
    let running = start(|config| config.limits.header_read_max_s = 1, Some(Arc::clone(&open))).await;
    let head = trusting(running.address, &first).await.unwrap();
    assert!(head.contains("strict-transport-security"), "{head}");
    // plain words on an encrypted port, and silence
    let plain = send(running.address, "GET", "/healthz", "", "").await;
    assert!(plain.is_err(), "{plain:?}");
    let mut silent = TcpStream::connect(running.address).await.unwrap();
    assert_eq!(timeout(Duration::from_secs(3), silent.read(&mut [0; 9])).await.unwrap().unwrap_or(0), 0);
    // a damaged file changes nothing
    std::fs::write(&file, "-----BEGIN NOTHING").unwrap();
    assert!(open.reload().is_err());
    trusting(running.address, &first).await.unwrap();
    let (_, _, second) = certificate(folder.path());
    open.reload().unwrap();
    trusting(running.address, &second).await.unwrap();
    assert!(trusting(running.address, &first).await.is_err());
}
