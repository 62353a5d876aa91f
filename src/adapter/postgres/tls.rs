//! TLS on a connection, as strict as the profile's `sslmode` asks.

use super::server::TlsWish;
use super::wire::Stream;
use crate::adapter::credentials::SslMode;
use crate::base::fs;
use rustls::CertificateError;
use rustls::ClientConfig;
use rustls::ClientConnection;
use rustls::DigitallySignedStruct;
use rustls::Error;
use rustls::RootCertStore;
use rustls::SignatureScheme;
use rustls::StreamOwned;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::client::danger::ServerCertVerified;
use rustls::client::danger::ServerCertVerifier;
use rustls::client::verify_server_name;
use rustls::crypto::CryptoProvider;
use rustls::crypto::ring;
use rustls::crypto::verify_tls12_signature;
use rustls::crypto::verify_tls13_signature;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::UnixTime;
use rustls::pki_types::pem::PemObject;
use rustls::server::ParsedCertificate;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

/// A secured stream over an open socket; fails with the reason.
pub(super) fn shake_hands(
    mut socket: TcpStream,
    host: &str,
    wish: &TlsWish,
) -> Result<Box<dyn Stream>, String> {
    let config = config(wish)?;
    let name = ServerName::try_from(host.to_string())
        .map_err(|_| format!("`{host}` is no name that a certificate can have"))?;
    let told = |e: Error| told(&e, host);
    let mut session = ClientConnection::new(Arc::new(config), name).map_err(told)?;
    while session.is_handshaking() {
        if let Err(e) = session.complete_io(&mut socket) {
            let inner = e.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
            return Err(inner.map_or_else(|| e.to_string(), |inner| self::told(inner, host)));
        }
    }
    Ok(Box::new(StreamOwned::new(session, socket)))
}

fn config(wish: &TlsWish) -> Result<ClientConfig, String> {
    let provider = Arc::new(ring::default_provider());
    let verifier = verifier(wish, &provider)?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    match &wish.identity {
        None => Ok(builder.with_no_client_auth()),
        Some((certificate, key)) => {
            let chain = certificates(certificate)?;
            let key = private_key(key)?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(|e| format!("the client's certificate is of no use: {e}"))
        }
    }
}

/// How much a server's certificate must show.
#[derive(Debug)]
struct Verifier {
    provider: Arc<CryptoProvider>,
    /// `None` takes any certificate: the connection is secret, but nobody knows with whom.
    trusted: Option<Trusted>,
}

#[derive(Debug)]
struct Trusted {
    chain: Arc<WebPkiServerVerifier>,
    /// Certificates that are trusted as they are, besides what they vouch for.
    itself: Vec<CertificateDer<'static>>,
    name_counts: bool,
}

fn verifier(wish: &TlsWish, provider: &Arc<CryptoProvider>) -> Result<Verifier, String> {
    let insists = wish.mode >= SslMode::VerifyCa;
    let trusted = match &wish.roots {
        // As libpq has it, a file of authorities makes `require` look at them too.
        Some(path) if insists || wish.mode == SslMode::Require => {
            Some(trusted(path, wish.mode, provider)?)
        }
        None if insists => {
            return Err(format!(
                "`sslmode: {}` needs the certificate of an authority to trust: name its file by `sslrootcert`",
                wish.mode.as_str()
            ));
        }
        _ => None,
    };
    Ok(Verifier {
        provider: provider.clone(),
        trusted,
    })
}

fn trusted(path: &Path, mode: SslMode, provider: &Arc<CryptoProvider>) -> Result<Trusted, String> {
    let itself = certificates(path)?;
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(itself.iter().cloned());
    let chain = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider.clone());
    let chain = chain
        .build()
        .map_err(|e| format!("no certificate of `{}` can be trusted: {e}", path.display()))?;
    Ok(Trusted {
        chain,
        itself,
        name_counts: mode == SslMode::VerifyFull,
    })
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let bytes = fs::read_bytes(path, "certificate").map_err(|e| e.to_string())?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err(format!("`{}` holds no certificate", path.display())),
        Err(e) => Err(format!("cannot read certificate `{}`: {e}", path.display())),
    }
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, String> {
    let bytes = fs::read_bytes(path, "private key").map_err(|e| e.to_string())?;
    if !fs::is_private(path) {
        return Err(format!(
            "private key file \"{}\" has group or world access; file must have permissions u=rw (0600) or less",
            path.display()
        ));
    }
    PrivateKeyDer::from_pem_slice(&bytes)
        .map_err(|e| format!("cannot read private key `{}`: {e}", path.display()))
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(trusted) = &self.trusted else {
            return Ok(ServerCertVerified::assertion());
        };
        if trusted.itself.iter().any(|known| known == certificate) {
            if trusted.name_counts {
                verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
            }
            return Ok(ServerCertVerified::assertion());
        }
        let chain = &trusted.chain;
        match chain.verify_server_cert(certificate, intermediates, name, ocsp, now) {
            Err(e) if is_about_name(&e) && !trusted.name_counts => {
                Ok(ServerCertVerified::assertion())
            }
            outcome => outcome,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = &self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}

fn is_about_name(error: &Error) -> bool {
    matches!(
        error,
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }
        )
    )
}

fn told(error: &Error, host: &str) -> String {
    match error {
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "certificate verify failed: no authority of `sslrootcert` has signed it".to_string()
        }
        error if is_about_name(error) => {
            format!("server certificate does not match host name \"{host}\": {error}")
        }
        error => error.to_string(),
    }
}
