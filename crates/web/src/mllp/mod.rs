//! HL7 v2 over MLLP: a listener beside the one for HTTP, under the same rules (encryption, limits, classes of load). It may use
//! the grammar of messages and the stations. It guarantees that a message is accepted only once it is durable, that who
//! speaks is an account with the duty of a laboratory, and that a sender that says nothing, too much or nonsense costs no
//! more than its connection.

mod client;
mod message;

pub use client::{SendError, send};
pub use message::Speaking;

use crate::{app::App, tls::Certificate};
use dayclear_exchange::{
    hl7::{self, Code},
    mllp::{Frame, Framer, framed},
};
use dayclear_store::events::hex;
use sha2::{Digest, Sha256};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

/// Bytes that are read at a time.
const PIECE: usize = 16 << 10;
/// How long a connection may take to agree on TLS.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);

/// Listens until the server is told to stop; then what has begun is finished, and nothing new is read.
pub(crate) async fn run(app: Arc<App>, listener: TcpListener, certificate: Option<Arc<Certificate>>) {
    let places = Arc::new(Semaphore::new(app.config.mllp.connections_max));
    let mut stop = app.stop.subscribe();
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        tokio::select! {
            biased;
            () = stopped(&mut stop) => break,
            (place, accepted) = accepted => match (place, accepted) {
                (Ok(place), Ok((stream, peer))) => {
                    let (app, certificate) = (Arc::clone(&app), certificate.clone());
                    connections.spawn(async move {
                        connection(&app, stream, peer, certificate.as_deref()).await;
                        drop(place);
                    });
                }
                (_, Err(error)) => {
                    // no more files, or a sender that left at once: others are not to wait for it
                    tracing::warn!(target: "dayclear::mllp", kind = error.kind().to_string(), "no connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                (Err(_), _) => break,
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Whether a sender at this address may come in the clear: here, or through a proxy that encrypts and is named.
fn may_come(app: &App, peer: SocketAddr, secure: bool) -> bool {
    let general = &app.config.general;
    let trusted = general.trusted_proxies.iter().any(|network| network.contains(peer.ip()));
    secure || trusted || peer.ip().to_canonical().is_loopback()
}

async fn connection(app: &Arc<App>, stream: TcpStream, peer: SocketAddr, certificate: Option<&Certificate>) {
    let _ = stream.set_nodelay(true);
    if !may_come(app, peer, certificate.is_some()) {
        return;
    }
    let address = peer.ip().to_canonical();
    match certificate {
        None => serve(app, stream, Speaking { address, certificate: None }).await,
        Some(certificate) => {
            let acceptor = TlsAcceptor::from(certificate.current());
            let Ok(Ok(stream)) = timeout(HANDSHAKE_MAX, acceptor.accept(stream)).await else { return };
            let shown = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
            let certificate = shown.map(|shown| hex(&Sha256::digest(shown.as_ref())));
            serve(app, stream, Speaking { address, certificate }).await;
        }
    }
}

/// One connection: a message, its answer, the next.
async fn serve<S: AsyncRead + AsyncWrite + Unpin>(app: &Arc<App>, mut stream: S, speaking: Speaking) {
    let limits = &app.config.mllp;
    let idle = Duration::from_secs(limits.idle_max_s);
    let mut framer = Framer::new(limits.message_bytes_max);
    let mut stop = app.stop.subscribe();
    let mut piece = vec![0; PIECE];
    let mut since = tokio::time::Instant::now();
    loop {
        let read = tokio::select! {
            biased;
            () = stopped(&mut stop) => return,
            read = tokio::time::timeout_at(since + idle, stream.read(&mut piece)) => read,
        };
        let Ok(Ok(length @ 1..)) = read else { return };
        let mut rest = &piece[..length];
        while !rest.is_empty() {
            let (frame, taken) = framer.take(rest);
            rest = &rest[taken..];
            let (answer, last) = match frame {
                None => continue,
                Some(Frame::Message(bytes)) => (message::answer(app, &speaking, &bytes).await, false),
                Some(Frame::TooLong(head)) => (Some(too_long(app, &head)), true),
            };
            // without an answer the sender asks again, with the same id
            let Some(answer) = answer else { return };
            if !matches!(timeout(idle, stream.write_all(&framed(&answer))).await, Ok(Ok(()))) {
                return;
            }
            if stream.flush().await.is_err() || last {
                return;
            }
            // a drip of bytes does not keep a connection; a message that was answered does
            since = tokio::time::Instant::now();
        }
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

fn too_long(app: &App, head: &[u8]) -> Vec<u8> {
    let header = hl7::header_of(head);
    let expected = format!("at most {} bytes", app.config.mllp.message_bytes_max);
    let place = dayclear_exchange::Place::field("MSH", 1, 0, 0);
    let remedy = "send fewer results in one message, and no documents";
    let fault = dayclear_exchange::Fault::new(dayclear_exchange::Kind::TooLong, place, "", expected, remedy);
    message::written(app, &header, Code::Reject, &[fault], head)
}
