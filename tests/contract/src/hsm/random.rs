//! The generator.

use std::collections::HashSet;

use strongroom_core::ports::Hsm;

#[expect(clippy::disallowed_methods, reason = "test bytes that protect nothing")]
pub(super) async fn random_bytes_have_their_length_and_never_repeat(hsm: &dyn Hsm) {
    for length in [0, 1, 16, 32, 33, 1024, 5000] {
        assert_eq!(hsm.random(length).await.unwrap().expose().len(), length);
    }
    let mut seen = HashSet::new();
    for _ in 0..200 {
        assert!(seen.insert(hsm.random(32).await.unwrap().expose().clone()));
    }
    // Chunks of a long answer do not repeat either, and every value of a byte occurs: 16 KiB miss one in 10^25 cases.
    let long = hsm.random(16 * 1024).await.unwrap();
    assert!(long.expose().chunks(32).all(|chunk| seen.insert(chunk.to_vec())));
    assert_eq!(long.expose().iter().collect::<HashSet<_>>().len(), 256);
}
