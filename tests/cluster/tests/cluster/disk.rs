//! The disk is full. A small file system is mounted as a tablespace for the tables that grow, which takes root; without
//! it the test says so and shows nothing.

use std::io::Write;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use strongroom_cluster::{Cluster, Fault, endure};
use strongroom_e2e::{Outcome, run_command};
use strongroom_postgres_server::{PostgresServer, Role};

const FULL: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_is_full_and_has_room_again_loses_nothing() -> Outcome<()> {
    let server = PostgresServer::start()?;
    let disk = match SmallDisk::mount(&server) {
        Ok(disk) => disk,
        Err(error) => {
            report(&format!("left out, for it takes the right to mount a file system: {error}"));
            return Ok(());
        }
    };
    let cluster = Cluster::start(&server).await?;
    disk.hold_the_growing_tables(&server, &cluster)?;
    endure(&cluster, Fault::Partial, async |load| {
        let filler = disk.fill()?;
        tokio::time::sleep(FULL).await;
        let full = load.look(|account| account.count(|attempt| attempt.outcome == "503 audit_unavailable"));
        assert!(full > 10, "the disk was not full enough to be noticed");
        Ok(std::fs::remove_file(filler)?)
    })
    .await?;
    assert!(cluster.logs().iter().any(|log| log.contains("the disk is full")), "it was not for want of room");
    drop(cluster); // Its database, and with it the tables on the disk.
    server.superuser_sql("postgres", "DROP TABLESPACE small")?;
    Ok(())
}

/// A file system of a few megabytes.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount(server: &PostgresServer) -> Outcome<Self> {
        let folder = tempfile::Builder::new().prefix("strongroom-disk-").tempdir()?;
        run_command(
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=48m", "tmpfs"]).arg(folder.path()),
        )?;
        let disk = Self(folder);
        let data = std::fs::metadata(&server.connection().data_folder)?;
        chown(disk.0.path(), Some(data.uid()), Some(data.gid()))?;
        Ok(disk)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn hold_the_growing_tables(&self, server: &PostgresServer, cluster: &Cluster) -> Outcome<()> {
        server.superuser_sql(
            "postgres",
            &format!("CREATE TABLESPACE small LOCATION '{}'", self.path().display()),
        )?;
        let move_them = "SELECT format('ALTER TABLE strongroom.%I SET TABLESPACE small;', relname) FROM pg_class \
            WHERE relnamespace = 'strongroom'::regnamespace AND relkind = 'r' \
            AND (relname LIKE 'tokens_p%' OR relname LIKE 'fingerprints_p%' OR relname = 'audit_bundles')";
        for statement in cluster.sql(move_them)?.lines() {
            cluster.sql(&format!("SET lock_timeout = '20s'; {statement}"))?;
        }
        let moved: u32 = server
            .sql(Role::Superuser, "postgres", "SELECT count(*) FROM pg_tablespace WHERE spcname = 'small'")?
            .parse()?;
        assert_eq!(moved, 1);
        Ok(())
    }

    /// Takes all the room there is; what to remove for it to be there again.
    fn fill(&self) -> Outcome<PathBuf> {
        let path = self.path().join("filler");
        let mut file = std::fs::File::create(&path)?;
        let mut block = vec![0; 1 << 20];
        while !block.is_empty() {
            if file.write_all(&block).is_err() {
                block.truncate(block.len() / 2);
            }
        }
        Ok(path)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = run_command(Command::new("umount").arg("-l").arg(self.path()));
    }
}

#[expect(clippy::print_stdout, reason = "tells the reader of a test's output what was left out")]
fn report(text: &str) {
    println!("{text}");
}
