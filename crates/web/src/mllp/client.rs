//! A small sender, for trying a server: one message after the other, each with its answer. With TLS where authorities are
//! named by which the server is known.

use dayclear_exchange::mllp::{Frame, Framer, framed};
use rustls::{ClientConfig, crypto::ring, pki_types::ServerName};
use std::{io, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

/// Longest answer.
const ANSWER_BYTES_MAX: usize = 4 << 20;
/// How long an answer may take.
const ANSWER_MAX: Duration = Duration::from_secs(60);

/// Why a message was not sent or not answered.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The address.
    #[error("'{0}' is no address; write HOST:PORT")]
    Address(String),
    /// Certificates.
    #[error("{0}")]
    Tls(String),
    /// The network.
    #[error("the server cannot be reached or hung up: {0}; see that it listens there, and whether it wants TLS")]
    Network(#[from] io::Error),
    /// No answer.
    #[error("no answer came in {} s; send the same message again", ANSWER_MAX.as_secs())]
    Silent,
}

/// Sends messages over one connection and gives their answers. `authorities`: a file (PEM) of those by whom the server's
/// certificate is signed; without it nothing is encrypted.
pub async fn send(to: &str, messages: &[Vec<u8>], authorities: Option<&str>) -> Result<Vec<Vec<u8>>, SendError> {
    let (host, _) = to.rsplit_once(':').ok_or_else(|| SendError::Address(to.to_owned()))?;
    let stream = TcpStream::connect(to).await?;
    let Some(authorities) = authorities else { return exchange(stream, messages).await };
    let roots = crate::oidc::authorities(authorities).map_err(SendError::Tls)?;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| SendError::Tls(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = host.trim_matches(['[', ']']).to_owned();
    let name = ServerName::try_from(name).map_err(|_| SendError::Address(to.to_owned()))?;
    exchange(TlsConnector::from(Arc::new(config)).connect(name, stream).await?, messages).await
}

async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    messages: &[Vec<u8>],
) -> Result<Vec<Vec<u8>>, SendError> {
    let mut answers = Vec::new();
    let mut framer = Framer::new(ANSWER_BYTES_MAX);
    for message in messages {
        stream.write_all(&framed(message)).await?;
        stream.flush().await?;
        answers.push(timeout(ANSWER_MAX, answer(&mut stream, &mut framer)).await.map_err(|_| SendError::Silent)??);
    }
    Ok(answers)
}

async fn answer<S: AsyncRead + Unpin>(stream: &mut S, framer: &mut Framer) -> io::Result<Vec<u8>> {
    loop {
        // one byte at a time would be slow, and what follows an answer is none of it: nothing is sent before it was read
        let mut piece = [0; 4096];
        let length = stream.read(&mut piece).await?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match framer.take(&piece[..length]).0 {
            Some(Frame::Message(answer) | Frame::TooLong(answer)) => return Ok(answer),
            None => {}
        }
    }
}
