//! What is erased is gone from the disk.

use std::path::Path;

use strongroom_core::ports::Store;
use strongroom_store::{SqliteConfig, SqliteStore};

use crate::samples::{batch, end_token, insert_answer, insert_token, now, private_folder};

/// Short values lie in the row's own page, long ones in pages of their own.
#[tokio::test]
async fn ended_values_are_in_no_file() {
    for length in [48, 20_000] {
        let folder = private_folder();
        let config = SqliteConfig::at(folder.path().join("vault.db"));
        let erased = pattern(b"erased", length);
        let kept = pattern(b"kept", length);
        let open = || async { SqliteStore::open(&config).await.unwrap() };

        let store = open().await;
        store.commit(&batch(0, vec![insert_token(1, &erased), insert_token(2, &kept)])).await.unwrap();
        store.settle().await.unwrap();
        store.close().await;
        assert!(is_on_disk(folder.path(), &erased));

        let store = open().await;
        store.commit(&batch(1, vec![end_token(1)])).await.unwrap();
        store.settle().await.unwrap();
        // Looked at while the store is open: the log is still there, and empty.
        assert!(folder.path().join("vault.db-wal").exists());
        assert!(!is_on_disk(folder.path(), &erased));
        assert!(is_on_disk(folder.path(), &kept));
    }
}

/// The log holds every page as it was at each commit, until it is emptied.
#[tokio::test]
async fn settling_empties_the_log() {
    let folder = private_folder();
    let store = SqliteStore::open(&SqliteConfig::at(folder.path().join("vault.db"))).await.unwrap();
    let erased = pattern(b"erased", 48);
    store.commit(&batch(0, vec![insert_token(1, &erased)])).await.unwrap();
    store.commit(&batch(1, vec![end_token(1)])).await.unwrap();
    assert!(holds(&folder.path().join("vault.db-wal"), &erased));
    store.settle().await.unwrap();
    assert!(!is_on_disk(folder.path(), &erased));
}

#[tokio::test]
async fn forgotten_answers_are_in_no_file() {
    let folder = private_folder();
    let config = SqliteConfig::at(folder.path().join("vault.db"));
    let answer = pattern(b"answer", 300);
    let store = SqliteStore::open(&config).await.unwrap();
    store.commit(&batch(0, vec![insert_answer(1, answer.clone())])).await.unwrap();
    store.close().await;
    assert!(is_on_disk(folder.path(), &answer));
    let store = SqliteStore::open(&config).await.unwrap();
    let later = now().plus(std::time::Duration::from_secs(1));
    assert_eq!(store.forget_answers(later, 10).await.unwrap(), 1);
    store.settle().await.unwrap();
    assert!(!is_on_disk(folder.path(), &answer));
}

fn pattern(word: &[u8], length: usize) -> Vec<u8> {
    word.iter().copied().cycle().take(length).collect()
}

/// Whether any file of the folder holds the value. To be asked when the store is done: closing a file that SQLite has
/// open in the same process lets go of its locks.
fn is_on_disk(folder: &Path, value: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| holds(&entry.unwrap().path(), value))
}

/// Whether the file holds the first bytes of the value in a row; a long value goes over several pages.
fn holds(path: &Path, value: &[u8]) -> bool {
    let content = std::fs::read(path).unwrap();
    content.windows(24).any(|bytes| bytes == &value[..24])
}
