//! Checkpoints: the size and root of a stream's tree, signed in the HSM, as C2SP signed notes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::Signature;

use super::tree::{CompactRange, Hash};
use super::verifier_key::{VerifierKey, is_key_name};

/// What a checkpoint says: this log had so many events, and this was the root over them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Hash,
}

/// Why a checkpoint, its note or its key was refused. Says what is allowed and never repeats a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The origin would break the text it stands in.
    #[error("an origin is 1 to 255 bytes without spaces, control characters or plus")]
    Origin,
    /// Larger than any tree.
    #[error("the size of a tree is at most 2^62")]
    Size,
    /// The key's name would break the line it stands in.
    #[error("a key name is 1 to 255 bytes without spaces, control characters or plus")]
    KeyName,
    /// Not a point on the curve, or another curve.
    #[error("a checkpoint key is a point on P-256")]
    PublicKey,
    /// Not the text form of a key.
    #[error(
        "a verifier key reads <name>+<id>+<base64 of 0x02 and the SubjectPublicKeyInfo>, and the id is the key's own"
    )]
    KeyText,
    /// More than a note may be.
    #[error("a note is at most 128 KiB and has at most 32 signatures")]
    TooLong,
    /// Not a signed note.
    #[error("a note is text, an empty line and signature lines, in UTF-8 without control characters")]
    Note,
    /// A signed note, but no checkpoint of ours.
    #[error("a checkpoint is three lines: origin, size in decimal, root in base64")]
    Text,
    /// Made for another cluster than the one whose records are verified.
    #[error(
        "the key and the checkpoints must be of one log: the key's name, a slash and the stream make the origin"
    )]
    OtherLog,
    /// No signature line names the key.
    #[error("the note has no signature by the given key")]
    NotSigned,
    /// Two signature lines name the key: which one counts must not be a question.
    #[error("the note has more than one signature by the given key")]
    SignedTwice,
    /// The signature does not belong to the text and the key.
    #[error("the signature does not verify")]
    Signature,
}

impl Checkpoint {
    /// A checkpoint of the log of that origin.
    pub fn new(origin: &str, size: u64, root: Hash) -> Result<Self, CheckpointError> {
        if !is_key_name(origin) {
            return Err(CheckpointError::Origin);
        }
        if size > CompactRange::MAX_SIZE {
            return Err(CheckpointError::Size);
        }
        Ok(Self { origin: origin.to_owned(), size, root })
    }

    /// Which log.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// How many events it covers.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root over them.
    pub const fn root(&self) -> &Hash {
        &self.root
    }

    /// The text to sign, ending in a line break: three lines and, as the specification recommends, no more.
    pub fn signed_text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }

    /// Reads a text whose signature has been verified.
    fn parse_signed_text(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.strip_suffix('\n').ok_or(CheckpointError::Text)?.split('\n');
        let (Some(origin), Some(size), Some(root), None) =
            (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(CheckpointError::Text);
        };
        let size = size.parse().map_err(|_| CheckpointError::Text)?;
        let root = STANDARD.decode(root).map_err(|_| CheckpointError::Text)?;
        let checkpoint = Self::new(origin, size, root.try_into().map_err(|_| CheckpointError::Text)?)?;
        // `+7` and `007` are numbers too, but not the number that was written.
        if checkpoint.signed_text() == text { Ok(checkpoint) } else { Err(CheckpointError::Text) }
    }
}

/// A checkpoint with its signature: the text of a C2SP signed note.
#[derive(Debug)]
pub enum SignedCheckpoint {}

impl SignedCheckpoint {
    /// More than sixteen signatures of the largest kind need, which a verifier must accept.
    pub const MAX_LENGTH: usize = 128 * 1024;
    /// Signature lines in one note.
    pub const MAX_SIGNATURES: usize = 32;

    /// The note, from the signature that the HSM made over [`Checkpoint::signed_text`] with ECDSA, P-256 and SHA-256
    /// (`r ‖ s`, as `CKM_ECDSA_SHA256` or `CKM_ECDSA` give it). A signature that does not verify is refused here, before
    /// it is stored as evidence.
    pub fn assemble(
        checkpoint: &Checkpoint,
        key: &VerifierKey,
        raw_signature: &[u8; 64],
    ) -> Result<String, CheckpointError> {
        let signature =
            Signature::from_slice(raw_signature).map_err(|_| CheckpointError::Signature)?.to_der();
        let text = checkpoint.signed_text();
        key.verify(&text, signature.as_bytes())?;
        let signature = STANDARD.encode([&key.id(), signature.as_bytes()].concat());
        Ok(format!("{text}\n{SIGNATURE_PREFIX}{} {signature}\n", key.name()))
    }

    /// What a note says, if the key signed it. Signatures by others (witnesses, other keys of the log) are ignored, as
    /// the specification asks. The text is not looked at before its signature has been verified.
    pub fn verify(note: &str, key: &VerifierKey) -> Result<Checkpoint, CheckpointError> {
        if note.len() > Self::MAX_LENGTH {
            return Err(CheckpointError::TooLong);
        }
        let (text, signatures) = split_note(note)?;
        if signatures.len() > Self::MAX_SIGNATURES {
            return Err(CheckpointError::TooLong);
        }
        let mut ours = signatures.iter().filter(|line| line.name == key.name() && line.key_id == key.id());
        let line = ours.next().ok_or(CheckpointError::NotSigned)?;
        if ours.next().is_some() {
            return Err(CheckpointError::SignedTwice);
        }
        key.verify(text, &line.signature)?;
        Checkpoint::parse_signed_text(text)
    }
}

/// An em dash and a space begin each signature line.
const SIGNATURE_PREFIX: &str = "\u{2014} ";

struct SignatureLine<'note> {
    name: &'note str,
    key_id: [u8; 4],
    signature: Vec<u8>,
}

/// The text with its last line break, and the signature lines after the last empty line.
fn split_note(note: &str) -> Result<(&str, Vec<SignatureLine<'_>>), CheckpointError> {
    if note.contains(|character: char| character < ' ' && character != '\n') {
        return Err(CheckpointError::Note);
    }
    let (before, signatures) = note.rsplit_once("\n\n").ok_or(CheckpointError::Note)?;
    let text = note.get(..=before.len()).ok_or(CheckpointError::Note)?;
    let signatures = signatures.strip_suffix('\n').ok_or(CheckpointError::Note)?;
    let lines: Option<Vec<_>> = signatures.split('\n').map(parse_signature_line).collect();
    Ok((text, lines.ok_or(CheckpointError::Note)?))
}

fn parse_signature_line(line: &str) -> Option<SignatureLine<'_>> {
    let (name, signature) = line.strip_prefix(SIGNATURE_PREFIX)?.split_once(' ')?;
    let bytes = STANDARD.decode(signature).ok()?;
    let (key_id, signature) = bytes.split_first_chunk()?;
    let complete = is_key_name(name) && !signature.is_empty();
    complete.then(|| SignatureLine { name, key_id: *key_id, signature: signature.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit_v1::fixtures::Signer;

    const ORIGIN: &str = "strongroom.c0ffee/vault-1.1";

    fn key() -> VerifierKey {
        Signer::new(1).verifier_key("strongroom.c0ffee")
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint::new(ORIGIN, 42, [7; 32]).unwrap()
    }

    fn note() -> String {
        Signer::new(1).note("strongroom.c0ffee", &checkpoint())
    }

    /// A note over any text at all, signed with our key.
    fn note_over(text: &str) -> String {
        Signer::new(1).note_over("strongroom.c0ffee", text)
    }

    #[test]
    fn checkpoints_of_public_logs_verify() {
        // Signed by others, so this shows agreement with the specification and not only with ourselves.
        for (key, note, origin, size) in [
            (
                include_str!("vectors/checkpoint/rekor.key"),
                include_str!("vectors/checkpoint/rekor.note"),
                "Rekor",
                798_034,
            ),
            (
                include_str!("vectors/checkpoint/pixel.key"),
                include_str!("vectors/checkpoint/pixel.note"),
                "DEFAULT",
                10,
            ),
        ] {
            let key: VerifierKey = key.trim_end().parse().unwrap();
            let checkpoint = SignedCheckpoint::verify(note, &key).unwrap();
            assert_eq!((checkpoint.origin(), checkpoint.size()), (origin, size));
        }
    }

    #[test]
    fn what_is_assembled_verifies() {
        assert_eq!(SignedCheckpoint::verify(&note(), &key()), Ok(checkpoint()));
        let text = "strongroom.c0ffee/vault-1.1\n42\nBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n";
        assert_eq!(checkpoint().signed_text(), text);
        assert!(note().starts_with(&format!("{text}\n\u{2014} strongroom.c0ffee ")));
    }

    #[test]
    fn a_signature_that_does_not_verify_is_not_assembled() {
        let good = Signer::new(1).sign(&checkpoint().signed_text());
        let by_another = Signer::new(2).sign(&checkpoint().signed_text());
        let of_another = Signer::new(1).sign("another text\n");
        let mut altered = good;
        altered[40] ^= 1;
        for refused in [[0; 64], [0xff; 64], by_another, of_another, altered] {
            let verdict = SignedCheckpoint::assemble(&checkpoint(), &key(), &refused);
            assert_eq!(verdict, Err(CheckpointError::Signature));
        }
        assert!(SignedCheckpoint::assemble(&checkpoint(), &key(), &good).is_ok());
    }

    #[test]
    fn no_character_can_be_changed() {
        let note = note();
        for position in 0..note.len() {
            let mut altered = note.clone().into_bytes();
            altered[position] = if altered[position] == b'B' { b'C' } else { b'B' };
            let Ok(altered) = String::from_utf8(altered) else { continue };
            assert!(SignedCheckpoint::verify(&altered, &key()).is_err(), "byte {position}");
        }
    }

    #[test]
    fn signatures_by_others_are_ignored() {
        let witness = "\u{2014} witness.example AAAAAAAAAAA=\n";
        let same_name = "\u{2014} strongroom.c0ffee AAAAAAAAAAA=\n";
        let cosigned = format!("{}{witness}{same_name}", note());
        assert_eq!(SignedCheckpoint::verify(&cosigned, &key()), Ok(checkpoint()));
        let unsigned = format!("{}\n{witness}", checkpoint().signed_text());
        assert_eq!(SignedCheckpoint::verify(&unsigned, &key()), Err(CheckpointError::NotSigned));
    }

    #[test]
    fn two_signatures_by_the_key_are_refused() {
        let note = note();
        let line = note.lines().last().unwrap();
        let twice = format!("{note}{line}\n");
        assert_eq!(SignedCheckpoint::verify(&twice, &key()), Err(CheckpointError::SignedTwice));
    }

    #[test]
    fn notes_are_bounded() {
        let witness = "\u{2014} witness.example AAAAAAAAAAA=\n";
        let most = format!("{}{}", note(), witness.repeat(31));
        assert_eq!(SignedCheckpoint::verify(&most, &key()), Ok(checkpoint()));
        let too_many = format!("{most}{witness}");
        assert_eq!(SignedCheckpoint::verify(&too_many, &key()), Err(CheckpointError::TooLong));
        let too_long = format!("{}{}", "a\n".repeat(SignedCheckpoint::MAX_LENGTH / 2), note());
        assert_eq!(SignedCheckpoint::verify(&too_long, &key()), Err(CheckpointError::TooLong));
    }

    #[test]
    fn a_good_signature_over_something_else_is_no_checkpoint() {
        let root = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
        for text in [
            "",
            "one line\n",
            &format!("{ORIGIN}\n42\n"),
            &format!("{ORIGIN}\n042\n{root}\n"),
            &format!("{ORIGIN}\n+42\n{root}\n"),
            &format!("{ORIGIN}\n-1\n{root}\n"),
            &format!("{ORIGIN}\n18446744073709551616\n{root}\n"),
            &format!("{ORIGIN}\n42\n{}\n", root.trim_end_matches('=')),
            &format!("{ORIGIN}\n42\nAAAA\n"),
            &format!("{ORIGIN}\n42\n{root}\nextension\n"),
        ] {
            let verdict = SignedCheckpoint::verify(&note_over(text), &key());
            assert!(matches!(verdict, Err(CheckpointError::Text | CheckpointError::Note)), "{text:?}");
        }
    }

    #[test]
    fn origins_cannot_break_the_text() {
        for refused in ["", "a b", "a\n1", "a+b", "a\u{2028}b"] {
            assert_eq!(Checkpoint::new(refused, 1, [0; 32]), Err(CheckpointError::Origin));
        }
        assert_eq!(Checkpoint::new("a", u64::MAX, [0; 32]), Err(CheckpointError::Size));
    }
}
