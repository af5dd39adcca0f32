//! Certificates. It may use rustls with ring; it guarantees that a certificate that cannot be used is named with its
//! reason, and that a new one takes effect for new connections without a restart.

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use std::sync::{Arc, PoisonError, RwLock};

/// Reads a chain and its key.
pub fn load(certificate: &str, key: &str) -> Result<Arc<ServerConfig>, String> {
    load_for(certificate, key, None)
}

/// The same, for a server that asks those who come for a certificate of one of these authorities. Who shows none is let in:
/// whether it was needed is asked later, when it is known who speaks.
fn load_for(certificate: &str, key: &str, authorities: Option<&str>) -> Result<Arc<ServerConfig>, String> {
    let wrong = |path: &str, problem: &dyn std::fmt::Display| format!("{path} cannot be used: {problem}");
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|error| wrong(certificate, &error))?;
    if chain.is_empty() {
        return Err(wrong(certificate, &"it holds no certificate"));
    }
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, &error))?;
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(certificate, &error))?;
    let Some(path) = authorities else {
        let mut config = builder
            .with_no_client_auth()
            .with_single_cert(chain, secret)
            .map_err(|error| wrong(certificate, &error))?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        return Ok(Arc::new(config));
    };
    let roots = Arc::new(crate::oidc::authorities(path)?);
    let verifier = WebPkiClientVerifier::builder_with_provider(roots, Arc::new(ring::default_provider()))
        .allow_unauthenticated()
        .build()
        .map_err(|error| wrong(path, &error))?;
    let config = builder
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, secret)
        .map_err(|error| wrong(certificate, &error))?;
    Ok(Arc::new(config))
}

/// The certificate in use.
pub struct Certificate {
    files: (String, String),
    authorities: Option<String>,
    current: RwLock<Arc<ServerConfig>>,
}

impl Certificate {
    /// Reads it for the first time.
    pub fn open(certificate: &str, key: &str) -> Result<Self, String> {
        Self::open_for(certificate, key, None)
    }
    /// The same, for a server that asks for certificates of these authorities.
    pub fn open_for(certificate: &str, key: &str, authorities: Option<&str>) -> Result<Self, String> {
        let current = RwLock::new(load_for(certificate, key, authorities)?);
        let files = (certificate.to_owned(), key.to_owned());
        Ok(Certificate { files, authorities: authorities.map(str::to_owned), current })
    }
    /// Reads the files again; if they cannot be used, the one in use stays.
    pub fn reload(&self) -> Result<(), String> {
        let fresh = load_for(&self.files.0, &self.files.1, self.authorities.as_deref())?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }
    /// The one in use.
    pub fn current(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}
