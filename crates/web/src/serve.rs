//! How the server listens, and how it stops. Stopping is being killed: what was acknowledged is durable, and a start finds
//! nothing to clean up. Asked to stop, it is polite: it takes no new connections, ends streams, finishes what it has begun
//! within a limit, and goes.

use crate::{
    app::App, health, housekeeping, housekeeping::Pass, limits, live, mllp, ringing, sending, site::Peer,
    tls::Certificate,
};
use axum::{Router, body::Body, http::Request};
use hyper::{body::Incoming, server::conn, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

/// Requests at once on one connection of HTTP/2.
const STREAMS_MAX: u32 = 100;
/// A connection of HTTP/2 that does not answer for so long is dead.
const PING: Duration = Duration::from_secs(20);
/// What background tasks may take to end.
const TASKS_END_WITHIN: Duration = Duration::from_secs(5);

/// Sockets that are open and do not answer yet.
pub struct Bound {
    public: TcpListener,
    watchers: Option<TcpListener>,
    certificate: Option<Arc<Certificate>>,
    messages: Option<(TcpListener, Option<Arc<Certificate>>)>,
}

impl Bound {
    /// Opens them. `watchers`: the listener for figures; nothing where none is wanted.
    pub async fn open(
        listen: SocketAddr,
        watchers: Option<SocketAddr>,
        certificate: Option<Arc<Certificate>>,
    ) -> io::Result<Bound> {
        let public = TcpListener::bind(listen).await?;
        let watchers = match watchers {
            Some(address) => Some(TcpListener::bind(address).await?),
            None => None,
        };
        Ok(Bound { public, watchers, certificate, messages: None })
    }
    /// Opens the one for messages of laboratories too.
    pub async fn and_mllp(mut self, listen: SocketAddr, certificate: Option<Arc<Certificate>>) -> io::Result<Bound> {
        self.messages = Some((TcpListener::bind(listen).await?, certificate));
        Ok(self)
    }
    /// Address for messages of laboratories.
    pub fn messages(&self) -> Option<SocketAddr> {
        self.messages.as_ref().and_then(|(listener, _)| listener.local_addr().ok())
    }
    /// Address for people and programs.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.public.local_addr()
    }
    /// Address for those who watch.
    pub fn watchers(&self) -> Option<SocketAddr> {
        self.watchers.as_ref().and_then(|listener| listener.local_addr().ok())
    }
    /// Address as a browser writes it.
    pub fn url(&self) -> io::Result<String> {
        let scheme = if self.certificate.is_some() { "https" } else { "http" };
        Ok(format!("{scheme}://{}", self.address()?))
    }
}

/// How the server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Everything that had begun was finished.
    Drained,
    /// Some of it was not finished in time.
    Cut,
}

/// Serves until `stop` comes, then drains.
pub async fn run(
    app: Arc<App>,
    router: Router,
    bound: Bound,
    pass: Option<Pass>,
    stop: impl Future<Output = ()>,
) -> Ended {
    let tasks = [
        tokio::spawn(live::run(Arc::clone(&app))),
        tokio::spawn(ringing::run(Arc::clone(&app))),
        tokio::spawn(sending::run(Arc::clone(&app))),
        tokio::spawn(housekeeping::run(Arc::clone(&app), pass)),
    ];
    let watchers = bound.watchers.map(|listener| {
        let (router, app) = (health::watchers(Arc::clone(&app)), Arc::clone(&app));
        let connections = Arc::new(Semaphore::new(64));
        tokio::spawn(async move {
            let graceful = GracefulShutdown::new();
            loop {
                accept(&app, &listener, &connections, None, &router, &graceful).await;
            }
        })
    });
    let messages =
        bound.messages.map(|(listener, certificate)| tokio::spawn(mllp::run(Arc::clone(&app), listener, certificate)));
    let graceful = GracefulShutdown::new();
    let connections = Arc::new(Semaphore::new(app.config.limits.connections_max));
    tokio::pin!(stop);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => break,
            () = accept(&app, &bound.public, &connections, bound.certificate.as_deref(), &router, &graceful) => {}
        }
    }
    tracing::info!(target: "dayclear::server", "told to stop");
    app.stop.send_replace(true);
    // nobody new: the socket is closed before what has begun is waited for
    drop(bound.public);
    let within = Duration::from_secs(app.config.general.drain_max_s);
    let drained = async {
        graceful.shutdown().await;
        if let Some(messages) = messages {
            let _ = messages.await;
        }
    };
    let ended = match timeout(within, drained).await {
        Ok(()) => Ended::Drained,
        Err(_) => Ended::Cut,
    };
    for task in tasks {
        // a run of the line that does not end in time is rolled back
        let abort = task.abort_handle();
        if timeout(TASKS_END_WITHIN, task).await.is_err() {
            abort.abort();
        }
    }
    crate::coverage::keep_at_the_end(&app).await;
    if let Some(watchers) = watchers {
        watchers.abort();
    }
    ended
}

/// Takes one connection and serves it beside the others. It is quick: the connection's own work is a task.
async fn accept(
    app: &Arc<App>,
    listener: &TcpListener,
    connections: &Arc<Semaphore>,
    certificate: Option<&Certificate>,
    router: &Router,
    graceful: &GracefulShutdown,
) {
    // beyond the limit, connections wait in the queue of the system
    let Ok(place) = Arc::clone(connections).acquire_owned().await else { return };
    let (stream, peer) = match listener.accept().await {
        Ok(accepted) => accepted,
        Err(error) => {
            // too many open files, or a connection that was gone at once
            tracing::warn!(target: "dayclear::server", kind = error.kind().to_string(), "no connection");
            return tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let _ = stream.set_nodelay(true);
    let acceptor = certificate.map(|certificate| TlsAcceptor::from(certificate.current()));
    let (app, router, watcher) = (Arc::clone(app), router.clone(), graceful.watcher());
    tokio::spawn(async move {
        match acceptor {
            None => {
                let peer = Peer { address: peer.ip(), secure: false };
                serve_http1(&app, stream, peer, router, watcher).await;
            }
            Some(acceptor) => serve_tls(&app, acceptor, stream, peer, router, watcher).await,
        }
        drop(place);
    });
}

type Watcher = hyper_util::server::graceful::Watcher;

async fn serve_tls(
    app: &App,
    acceptor: TlsAcceptor,
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    watcher: Watcher,
) {
    let peer = Peer { address: peer.ip(), secure: true };
    let Ok(Ok(stream)) = timeout(limits::header_read_max(&app.config.limits), acceptor.accept(stream)).await else {
        return;
    };
    if stream.get_ref().1.alpn_protocol() != Some(b"h2") {
        return serve_http1(app, stream, peer, router, watcher).await;
    }
    let mut builder = conn::http2::Builder::new(TokioExecutor::new());
    builder.timer(TokioTimer::new()).max_concurrent_streams(STREAMS_MAX);
    builder.keep_alive_interval(PING).keep_alive_timeout(PING).max_header_list_size(64 << 10);
    let service = service_fn(move |request| answer(router.clone(), peer, request));
    let _ = watcher.watch(builder.serve_connection(TokioIo::new(stream), service)).await;
}

async fn serve_http1<S>(app: &App, stream: S, peer: Peer, router: Router, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = conn::http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits::header_read_max(&app.config.limits));
    builder.max_buf_size(64 << 10);
    let service = service_fn(move |request| answer(router.clone(), peer, request));
    let _ = watcher.watch(builder.serve_connection(TokioIo::new(stream), service)).await;
}

async fn answer(
    router: Router,
    peer: Peer,
    mut request: Request<Incoming>,
) -> Result<axum::response::Response, Infallible> {
    request.extensions_mut().insert(peer);
    router.oneshot(request.map(Body::new)).await
}
