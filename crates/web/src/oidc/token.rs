//! What is believed of an ID token (OpenID Connect Core 1.0, section 3.1.3.7). It may use jsonwebtoken for the form and ring for
//! the signature; the clock is ours. It guarantees that only RS256 and ES256 by a key of the provider's are signatures, whatever
//! the token says of itself, and that a second factor counts only if it was given minutes ago.

use super::Named;
use crate::security::same;
use dayclear_core::{accounts::SUBJECT_BYTES_MAX, time::Instant};
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind, EncodingKey, Validation,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    decode, decode_header,
    errors::{Error, ErrorKind},
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse},
    signature::{self, Verifier},
};
use ring::signature::{ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;
use std::sync::LazyLock;

/// Seconds by which the clocks of two machines may differ.
const SKEW_S: f64 = 60.0;

/// Why a token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No token.
    #[error("it is no token; see that the provider sends ID tokens that are signed and not encrypted")]
    Form,
    /// An algorithm that is not taken.
    #[error("it is not signed with RS256 or ES256; set one of them for this client at the provider")]
    Algorithm,
    /// No key for it.
    #[error("the provider publishes no key that fits; see jwks_uri at the provider")]
    Key,
    /// Another signature.
    #[error("its signature is not the provider's")]
    Signature,
    /// Another issuer.
    #[error("another provider issued it; see oidc.issuer")]
    Issuer,
    /// For somebody else.
    #[error("it was issued for another client; see oidc.client_id")]
    Audience,
    /// Over.
    #[error("it is over; see that the clocks of both machines are right")]
    Over,
    /// Not yet.
    #[error("it is from the future, or from before the sign-in began; see that the clocks of both machines are right")]
    Time,
    /// For another attempt.
    #[error("it was issued for another sign-in")]
    Nonce,
    /// Nobody is named.
    #[error("it names nobody")]
    Subject,
}

impl Fault {
    /// What it is, for the log.
    pub fn kind(self) -> &'static str {
        match self {
            Fault::Form => "token: form",
            Fault::Algorithm => "token: algorithm",
            Fault::Key => "token: no key",
            Fault::Signature => "token: signature",
            Fault::Issuer => "token: issuer",
            Fault::Audience => "token: audience",
            Fault::Over => "token: over",
            Fault::Time => "token: time",
            Fault::Nonce => "token: nonce",
            Fault::Subject => "token: subject",
        }
    }
}

/// What a token must say.
pub struct Expected<'e> {
    /// Who issued it.
    pub issuer: &'e str,
    /// For whom.
    pub client: &'e str,
    /// For which attempt.
    pub nonce: &'e str,
    /// When that began.
    pub begun: Instant,
    /// Now.
    pub now: Instant,
    /// A second factor is fresh for so many minutes.
    pub fresh_min: i64,
    /// Values of `amr` or `acr` that tell of a second factor.
    pub second_factor: &'e [String],
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Texts {
    One(String),
    More(Vec<String>),
}

impl Texts {
    fn all(&self) -> &[String] {
        match self {
            Texts::One(text) => std::slice::from_ref(text),
            Texts::More(texts) => texts,
        }
    }
}

/// Times are seconds since 1970, with or without a fraction (RFC 7519, section 2).
#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Texts,
    exp: f64,
    iat: f64,
    nbf: Option<f64>,
    nonce: Option<String>,
    azp: Option<String>,
    amr: Option<Texts>,
    acr: Option<String>,
    auth_time: Option<f64>,
}

/// Whom a token names. `keys` is what the provider publishes at its `jwks_uri`.
pub fn check(token: &str, keys: &[u8], expected: &Expected<'_>) -> Result<Named, Fault> {
    let claims = signed(token, keys)?;
    let client = |text: &String| text == expected.client;
    if claims.iss != expected.issuer {
        return Err(Fault::Issuer);
    }
    let audience = claims.aud.all();
    // for several it must say that it was issued to us, and if it says so at all it must be us
    let party = claims.azp.as_ref().map_or(audience.len() == 1, client);
    if !audience.iter().any(client) || !party {
        return Err(Fault::Audience);
    }
    let seconds = |at: Instant| at.micros() as f64 / 1e6;
    let (now, begun) = (seconds(expected.now), seconds(expected.begun));
    if claims.exp + SKEW_S <= now {
        return Err(Fault::Over);
    }
    let issued = begun - SKEW_S <= claims.iat && claims.iat <= now + SKEW_S;
    if !issued || claims.nbf.is_some_and(|from| now + SKEW_S < from) {
        return Err(Fault::Time);
    }
    if !claims.nonce.is_some_and(|nonce| same(&nonce, expected.nonce)) {
        return Err(Fault::Nonce);
    }
    if claims.sub.is_empty() || claims.sub.len() > SUBJECT_BYTES_MAX {
        return Err(Fault::Subject);
    }
    let told = claims.amr.iter().flat_map(Texts::all).chain(&claims.acr);
    let vouched = told.into_iter().any(|value| expected.second_factor.contains(value));
    let fresh_s = expected.fresh_min as f64 * 60.0 + SKEW_S;
    let fresh = claims.auth_time.is_some_and(|at| now - fresh_s <= at && at <= now + SKEW_S);
    Ok(Named { subject: claims.sub, second_factor: vouched && fresh })
}

/// What a token claims, if one of the provider's keys has signed it.
fn signed(token: &str, keys: &[u8]) -> Result<Claims, Fault> {
    let header = decode_header(token).map_err(|_| Fault::Form)?;
    let algorithm = match header.alg {
        Algorithm::RS256 | Algorithm::ES256 => header.alg,
        _ => return Err(Fault::Algorithm),
    };
    if header.crit.is_some() {
        return Err(Fault::Form);
    }
    // it is refused only where it was done before, by this very line
    let _ = CryptoProvider::install_default(&RING);
    let mut rules = Validation::new(algorithm);
    // what is claimed is checked above, by a clock that is given
    (rules.validate_exp, rules.validate_aud) = (false, false);
    rules.required_spec_claims.clear();
    let mut fault = Fault::Key;
    for key in published(keys)?.iter().filter(|key| fits(key, algorithm, header.kid.as_deref())) {
        let Ok(key) = DecodingKey::from_jwk(key) else { continue };
        match decode::<Claims>(token, &key, &rules) {
            Ok(found) => return Ok(found.claims),
            Err(error) if matches!(error.kind(), ErrorKind::InvalidSignature) => fault = Fault::Signature,
            Err(_) => return Err(Fault::Form),
        }
    }
    Err(fault)
}

/// The keys that are understood: a provider may publish others beside them.
fn published(keys: &[u8]) -> Result<Vec<Jwk>, Fault> {
    #[derive(Deserialize)]
    struct Keys {
        keys: Vec<serde_json::Value>,
    }
    let found: Keys = serde_json::from_slice(keys).map_err(|_| Fault::Key)?;
    Ok(found.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect())
}

/// Whether a key signs with an algorithm, and under the id that the token names.
fn fits(key: &Jwk, algorithm: Algorithm, id: Option<&str>) -> bool {
    let kind = match &key.algorithm {
        AlgorithmParameters::RSA(_) => algorithm == Algorithm::RS256,
        AlgorithmParameters::EllipticCurve(curve) => {
            algorithm == Algorithm::ES256 && curve.curve == EllipticCurve::P256
        }
        _ => false,
    };
    let signs = matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature));
    let named =
        key.common.key_algorithm.is_none_or(|named| Algorithm::try_from(named).is_ok_and(|own| own == algorithm));
    kind && signs && named && id.is_none_or(|id| key.common.key_id.as_deref() == Some(id))
}

/// Signatures by ring, which TLS brings along; the library's own choices would add thirty crates or a C build.
static RING: LazyLock<CryptoProvider> = LazyLock::new(|| CryptoProvider {
    signer_factory: no_signer,
    verifier_factory: verifier,
    key_utils: KeyUtils::new_unimplemented(),
});

fn no_signer(_: &Algorithm, _: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    Err(ErrorKind::InvalidAlgorithm.into())
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    match (algorithm, key.family()) {
        (Algorithm::RS256, AlgorithmFamily::Rsa) | (Algorithm::ES256, AlgorithmFamily::Ec) => {
            Ok(Box::new(ByRing { algorithm: *algorithm, key: key.clone() }))
        }
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    }
}

struct ByRing {
    algorithm: Algorithm,
    key: DecodingKey,
}

impl Verifier<Vec<u8>> for ByRing {
    fn verify(&self, message: &[u8], given: &Vec<u8>) -> Result<(), signature::Error> {
        let right = match (self.algorithm, self.key.kind()) {
            (Algorithm::RS256, DecodingKeyKind::RsaModulusExponent { n, e }) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, given)
            }
            (Algorithm::ES256, DecodingKeyKind::SecretOrDer(point)) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, given)
            }
            _ => return Err(signature::Error::new()),
        };
        right.map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for ByRing {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}
