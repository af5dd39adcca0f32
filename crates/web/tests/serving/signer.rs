//! A provider's key, with which tests sign tokens as the provider would. Tests of tokens and of the whole log-in share it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};

pub fn url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn parts(header: &Value, claims: &Value) -> String {
    format!("{}.{}", url(header.to_string().as_bytes()), url(claims.to_string().as_bytes()))
}

/// A key of a provider for ES256.
pub struct Signer(EcdsaKeyPair);

impl Signer {
    pub fn new() -> Self {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &SystemRandom::new());
        Signer(pair.unwrap())
    }
    /// The point that is its public half.
    pub fn point(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }
    /// As it is published.
    pub fn published(&self, id: &str) -> Value {
        let point = self.point();
        json!({"kty": "EC", "crv": "P-256", "x": url(&point[1..33]), "y": url(&point[33..]), "kid": id, "use": "sig", "alg": "ES256"})
    }
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let message = parts(header, claims);
        let signature = self.0.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", url(signature.as_ref()))
    }
}
