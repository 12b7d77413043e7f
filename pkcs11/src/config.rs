//! What an operator sets. The PIN is not among it: it comes from a credential file and is handed over separately.

use std::path::PathBuf;
use std::time::Duration;

/// Which token, and how hard to use it.
#[derive(Debug, Clone)]
pub struct Pkcs11Config {
    /// The module, a shared library.
    pub module_path: PathBuf,
    /// CKA_LABEL of the token. Slot numbers are of no use: they change.
    pub token_label: String,
    /// The token's serial number, where two tokens carry the same label. Whatever it was at the first connection, it has
    /// to be the same after every reconnection.
    pub token_serial: Option<String>,
    /// Sessions, and so threads. More than the device has engines only lengthens its own queue.
    pub sessions: usize,
    /// Calls that may wait. What comes on top is refused at once.
    pub queue_bound: usize,
    /// How long a call may take, waiting included.
    pub deadline: Duration,
    /// The same for calls that make keys, which some devices take seconds for.
    pub creation_deadline: Duration,
    /// Pauses between attempts to reconnect; the last one repeats. Up to a quarter is added at random, so that a cluster
    /// does not come back all at once.
    pub reconnect_pauses: Vec<Duration>,
    /// Mechanisms not to use although the token offers them.
    pub without_mechanisms: Vec<HiddenMechanism>,
}

impl Pkcs11Config {
    /// This token of this module, everything else as it usually is.
    pub fn new(module_path: impl Into<PathBuf>, token_label: impl Into<String>) -> Self {
        Self {
            module_path: module_path.into(),
            token_label: token_label.into(),
            token_serial: None,
            sessions: 4,
            queue_bound: 1024,
            deadline: Duration::from_secs(1),
            creation_deadline: Duration::from_secs(15),
            reconnect_pauses: [1, 2, 5, 10, 60].map(Duration::from_secs).to_vec(),
            without_mechanisms: Vec::new(),
        }
    }

    pub(crate) fn hides(&self, mechanism: HiddenMechanism) -> bool {
        self.without_mechanisms.contains(&mechanism)
    }
}

/// A mechanism that can be left out: when an auditor forbids it, a firmware gets it wrong, or a test wants to see its
/// substitute at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HiddenMechanism {
    /// CKM_AES_GCM, for data and for wrapping.
    AesGcm,
    /// CKM_AES_CBC_PAD, for data and for wrapping.
    AesCbcPad,
    /// CKM_AES_CBC, used for check values.
    AesCbc,
    /// CKM_AES_ECB, used for check values.
    AesEcb,
    /// CKM_AES_KEY_WRAP (RFC 3394).
    AesKeyWrap,
    /// CKM_AES_KEY_WRAP_PAD where it is RFC 5649.
    AesKeyWrapPad,
    /// CKM_SHA256_HMAC.
    Sha256Hmac,
    /// CKM_AES_CMAC.
    AesCmac,
    /// Importing keys of known value as session objects, which probes and check values use where they may.
    KeyImport,
}
