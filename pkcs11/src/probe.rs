//! What the token can do, found out by asking it to. Lists of mechanisms lie in both directions: some are advertised and
//! fail, some work under a number that means two things. Every probe runs on throw-away session keys in a session of
//! its own, at connection, while nobody else works.
//!
//! Where the token lets keys be imported, the answers are compared with known ones; where it does not (FIPS 140 level 3
//! often), with each other: what went in has to come out, and nothing has to come out of what was altered.

use std::sync::Arc;

use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, KeyType, ObjectHandle};
use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use strongroom_crypto::wrapped_key_v1::Mechanism as Sealing;

use crate::check_value::{self, encrypt_block};
use crate::classify::{Class, classify};
use crate::config::HiddenMechanism;
use crate::fault::Fault;
use crate::handles::KeyObjects;
use crate::seat::Seat;
use crate::sign::{self, MacForm, mac_with};
use crate::token::Token;
use crate::wrap::{gcm_unwrap, gcm_wrap, unwrap_key};
use crate::{data, known_answers, templates};

/// The best of each ladder that works.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Capabilities {
    /// Known keys may be made as session objects.
    pub(crate) imports: bool,
    /// Single blocks of AES, for check values.
    pub(crate) block: Option<BlockForm>,
    /// HMAC-SHA256.
    pub(crate) hmac: bool,
    /// MACs of the registry.
    pub(crate) mac: Option<MacForm>,
    /// Sealing of data.
    pub(crate) data: Option<Sealing>,
    /// Wrapping of keys.
    pub(crate) wrap: Option<Sealing>,
    /// ECDSA P-256.
    pub(crate) signs: bool,
}

/// How a single block is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BlockForm {
    Cbc,
    Ecb,
}

/// Asks. Fails only if the token cannot be asked at all.
pub(crate) fn probe(token: &Arc<Token>) -> Result<Capabilities, Fault> {
    use HiddenMechanism as Hidden;
    let mut can = Capabilities::default();
    let asked = |hidden: &[Hidden], tools: Tools, ask: fn(&Bench<'_>) -> Result<bool, Fault>| {
        if hidden.iter().any(|mechanism| token.config.hides(*mechanism)) {
            return Ok(false);
        }
        on_a_bench(token, tools, ask)
    };
    can.imports = asked(&[Hidden::KeyImport], Tools { imports: true, block: None }, imports)?;
    let tools = Tools { imports: can.imports, block: None };
    can.block = if asked(&[Hidden::AesCbc], tools, |bench| block(bench, BlockForm::Cbc))? {
        Some(BlockForm::Cbc)
    } else {
        asked(&[Hidden::AesEcb], tools, |bench| block(bench, BlockForm::Ecb))?.then_some(BlockForm::Ecb)
    };
    let tools = Tools { block: can.block, ..tools };
    let works = |hidden, ask| asked(hidden, tools, ask);

    can.hmac = works(&[Hidden::Sha256Hmac], |bench| mac(bench, MacForm::HmacSha256))?;
    can.mac = if can.hmac {
        Some(MacForm::HmacSha256)
    } else {
        works(&[Hidden::AesCmac], |bench| mac(bench, MacForm::AesCmac))?.then_some(MacForm::AesCmac)
    };
    can.data = if works(&[Hidden::AesGcm], gcm)? {
        Some(Sealing::AesGcm)
    } else if works(&[Hidden::AesGcm], gcm_with_token_iv)? {
        Some(Sealing::AesGcmTokenIv)
    } else {
        let cbc = can.hmac && works(&[Hidden::AesCbcPad], cbc_pad)?;
        cbc.then_some(Sealing::AesCbcHmacSha256)
    };
    can.wrap = if can.hmac && works(&[Hidden::AesKeyWrap], key_wrap)? {
        Some(Sealing::AesKeyWrap)
    } else if can.hmac && works(&[Hidden::AesKeyWrapPad], key_wrap_pad)? {
        Some(Sealing::AesKeyWrapPad)
    } else if works(&[Hidden::AesGcm], wrap_with_gcm)? {
        Some(Sealing::AesGcmWrap)
    } else {
        let cbc = can.hmac && works(&[Hidden::AesCbcPad], wrap_with_cbc_pad)?;
        cbc.then_some(Sealing::AesCbcPadHmacSha256)
    };
    can.signs = works(&[], ecdsa)?;
    Ok(can)
}

impl Capabilities {
    /// Use and mechanism, as evidence.
    pub(crate) fn evidence(&self) -> Vec<(&'static str, &'static str)> {
        let sealing = |found: Option<Sealing>| found.map_or("none", Sealing::as_str);
        vec![
            ("data", sealing(self.data)),
            ("wrap", sealing(self.wrap)),
            (
                "mac",
                match self.mac {
                    Some(MacForm::HmacSha256) => "sha256-hmac",
                    Some(MacForm::AesCmac) => "aes-cmac",
                    None => "none",
                },
            ),
            ("sign", if self.signs { "ecdsa-p256" } else { "none" }),
            (
                "check value",
                match self.block {
                    Some(BlockForm::Cbc) => "aes-cbc",
                    Some(BlockForm::Ecb) => "aes-ecb",
                    None => "cka-check-value",
                },
            ),
            ("proven by", if self.imports { "known answers" } else { "round trips" }),
        ]
    }
}

/// Where one probe takes place.
struct Bench<'a> {
    seat: &'a Seat,
    tools: Tools,
}

/// What earlier probes found, for later ones to use.
#[derive(Clone, Copy)]
struct Tools {
    imports: bool,
    block: Option<BlockForm>,
}

impl Bench<'_> {
    /// A key for this use: the known one if it may be imported, a random one otherwise.
    fn key<const N: usize>(
        &self,
        key_type: KeyType,
        known: &[u8],
        uses: [Attribute; N],
    ) -> Result<ObjectHandle, Fault> {
        if self.tools.imports {
            return check_value::import(self.seat, key_type, known, uses);
        }
        let mut template = vec![
            Attribute::Token(false),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::ValueLen(32.into()),
        ];
        template.extend(uses);
        let mechanism =
            if key_type == KeyType::AES { Mechanism::AesKeyGen } else { Mechanism::GenericSecretKeyGen };
        Ok(self.seat.generate_key(&mechanism, &template)?)
    }

    fn data_key(&self) -> Result<ObjectHandle, Fault> {
        self.key(KeyType::AES, &known_answers::KEY, [Attribute::Encrypt(true), Attribute::Decrypt(true)])
    }

    fn kek(&self) -> Result<ObjectHandle, Fault> {
        self.key(KeyType::AES, &known_answers::KEY, [Attribute::Wrap(true), Attribute::Unwrap(true)])
    }

    fn wrapped_key(&self) -> Result<ObjectHandle, Fault> {
        self.key(
            KeyType::AES,
            &known_answers::DATA,
            [Attribute::Extractable(true), Attribute::Encrypt(true), Attribute::Decrypt(true)],
        )
    }

    /// Whether this is the known answer, or at least as long as that one.
    fn is_right(&self, answer: &[u8], known: &[u8]) -> bool {
        if self.tools.imports { answer == known } else { answer.len() == known.len() }
    }

    /// Whether two keys are the same, as far as they can be asked.
    fn are_the_same(&self, one: ObjectHandle, other: ObjectHandle) -> Result<bool, Fault> {
        let value = |object| check_value::of_session_key_by(self.seat, object, self.tools.block);
        Ok(value(one)? == value(other)?)
    }
}

/// Runs one probe in a session that is closed afterwards, its objects with it.
fn on_a_bench(
    token: &Arc<Token>,
    tools: Tools,
    ask: impl FnOnce(&Bench<'_>) -> Result<bool, Fault>,
) -> Result<bool, Fault> {
    let seat = Seat::open(token)?;
    let outcome = ask(&Bench { seat: &seat, tools });
    seat.retire();
    token.close_retired();
    match outcome {
        Err(Fault::Code(function, code)) => match classify(function, code) {
            Class::Unsupported | Class::Fatal | Class::Integrity | Class::Suspect | Class::Pin => Ok(false),
            Class::Session | Class::Login | Class::Handle | Class::Device | Class::Busy => {
                Err(Fault::Code(function, code))
            }
        },
        Err(Fault::Wrapper(_) | Fault::Refused(_)) => Ok(false),
        outcome => outcome,
    }
}

fn imports(bench: &Bench<'_>) -> Result<bool, Fault> {
    bench.data_key()?;
    Ok(true)
}

fn block(bench: &Bench<'_>, form: BlockForm) -> Result<bool, Fault> {
    let answer = encrypt_block(bench.seat, bench.data_key()?, form)?;
    Ok(bench.is_right(&answer, &known_answers::CHECK_BLOCK))
}

fn mac(bench: &Bench<'_>, form: MacForm) -> Result<bool, Fault> {
    let (key_type, known): (_, &[u8]) = match form {
        MacForm::HmacSha256 => (KeyType::GENERIC_SECRET, &known_answers::HMAC),
        MacForm::AesCmac => (KeyType::AES, &known_answers::CMAC),
    };
    let key = bench.key(key_type, &known_answers::KEY, [Attribute::Sign(true), Attribute::Verify(true)])?;
    let answer = mac_with(bench.seat, form, key, known_answers::TEXT)?;
    let again = mac_with(bench.seat, form, key, known_answers::TEXT)?;
    let other = mac_with(bench.seat, form, key, b"another text")?;
    Ok(bench.is_right(&answer, known) && again == answer && other != answer)
}

fn gcm(bench: &Bench<'_>) -> Result<bool, Fault> {
    use known_answers::{DATA, GCM, GCM_IV, TEXT};
    let key = bench.data_key()?;
    let output = data::gcm_encrypt(bench.seat, key, GCM_IV, TEXT, &DATA)?;
    if !bench.is_right(&output, &GCM) {
        return Ok(false);
    }
    opens_only_as_sealed(bench, key, &GCM_IV, &output)
}

fn gcm_with_token_iv(bench: &Bench<'_>) -> Result<bool, Fault> {
    let key = bench.data_key()?;
    let (iv, output) =
        data::gcm_encrypt_with_token_iv(bench.seat, key, known_answers::TEXT, &known_answers::DATA)?;
    opens_only_as_sealed(bench, key, &iv, &output)
}

/// Nothing else may happen on this session afterwards: the last call has to fail.
fn opens_only_as_sealed(
    bench: &Bench<'_>,
    key: ObjectHandle,
    iv: &[u8],
    sealed: &[u8],
) -> Result<bool, Fault> {
    use known_answers::{DATA, TEXT};
    let opened = data::gcm_decrypt(bench.seat, key, &mut iv.to_vec(), TEXT, sealed)?;
    let elsewhere = data::gcm_decrypt(bench.seat, key, &mut iv.to_vec(), b"elsewhere", sealed);
    Ok(opened.ct_eq(&DATA) && elsewhere.is_err())
}

fn cbc_pad(bench: &Bench<'_>) -> Result<bool, Fault> {
    use known_answers::{CBC_IV, CBC_PAD, DATA};
    let key = bench.data_key()?;
    let output = bench.seat.encrypt(&Mechanism::AesCbcPad(CBC_IV), key, &DATA)?;
    let opened = bench.seat.decrypt(&Mechanism::AesCbcPad(CBC_IV), key, &output)?;
    Ok(bench.is_right(&output, &CBC_PAD) && opened == DATA)
}

fn key_wrap(bench: &Bench<'_>) -> Result<bool, Fault> {
    wraps(bench, &Mechanism::AesKeyWrap, &known_answers::KEY_WRAP)
}

/// CKM_AES_KEY_WRAP_PAD. The unambiguous number 0x210B for RFC 5649 cannot be named through the wrapper; under 0x210A
/// the answer tells which of its two meanings the token gives it.
fn key_wrap_pad(bench: &Bench<'_>) -> Result<bool, Fault> {
    wraps(bench, &Mechanism::AesKeyWrapPad, &known_answers::KEY_WRAP_PAD)
}

fn wrap_with_cbc_pad(bench: &Bench<'_>) -> Result<bool, Fault> {
    wraps(bench, &Mechanism::AesCbcPad(known_answers::CBC_IV), &known_answers::CBC_PAD)
}

fn wraps(bench: &Bench<'_>, mechanism: &Mechanism<'_>, known: &[u8]) -> Result<bool, Fault> {
    let (kek, key) = (bench.kek()?, bench.wrapped_key()?);
    let wrapped = bench.seat.wrap_key(mechanism, kek, key)?;
    if !bench.is_right(&wrapped, known) {
        return Ok(false);
    }
    bench.are_the_same(key, unwrap_key(bench.seat, mechanism, kek, &wrapped)?)
}

fn wrap_with_gcm(bench: &Bench<'_>) -> Result<bool, Fault> {
    use known_answers::{GCM, GCM_IV, TEXT};
    let (kek, key) = (bench.kek()?, bench.wrapped_key()?);
    let wrapped = gcm_wrap(bench.seat, kek, GCM_IV, TEXT, key)?;
    if !bench.is_right(&wrapped, &GCM) {
        return Ok(false);
    }
    let same = bench.are_the_same(key, gcm_unwrap(bench.seat, kek, GCM_IV, TEXT, &wrapped)?)?;
    Ok(same && gcm_unwrap(bench.seat, kek, GCM_IV, b"elsewhere", &wrapped).is_err())
}

/// Signs a hash; the signature is verified here, against the public point, by other code.
fn ecdsa(bench: &Bench<'_>) -> Result<bool, Fault> {
    let public =
        [Attribute::Token(false), Attribute::Verify(true), Attribute::EcParams(templates::P256.to_vec())];
    let private = [
        Attribute::Token(false),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Sign(true),
    ];
    let (public, main) = bench.seat.generate_key_pair(&Mechanism::EccKeyPairGen, &public, &private)?;
    let objects = KeyObjects { main, binding: None, public: Some(public), mac: None };
    let point = sign::public_point(bench.seat, &objects)?;
    let signature = sign::sign(bench.seat, main, known_answers::TEXT)?;
    let verified = VerifyingKey::from_sec1_bytes(&point).and_then(|key| {
        let signature = Signature::from_slice(&signature)?;
        key.verify_prehash(&sign::sha256(known_answers::TEXT), &signature)
    });
    Ok(verified.is_ok())
}
