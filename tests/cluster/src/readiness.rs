//! What `/readyz` says over time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use strongroom_e2e::is_ready;

/// Asks both nodes again and again, as a load balancer does.
pub struct ReadinessWatch {
    stop: Arc<AtomicBool>,
    nodes: Vec<Said>,
    threads: Vec<JoinHandle<()>>,
}

type Said = Arc<Mutex<Vec<(Instant, bool)>>>;

impl ReadinessWatch {
    /// Starts to ask the nodes with these operations ports.
    pub fn start(ports: &[u16]) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let nodes: Vec<Said> = ports.iter().map(|_| Said::default()).collect();
        let threads = ports
            .iter()
            .zip(&nodes)
            .map(|(port, said)| {
                let (stop, said, port) = (Arc::clone(&stop), Arc::clone(said), *port);
                thread::spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        let ready = is_ready(port);
                        said.lock().unwrap_or_else(PoisonError::into_inner).push((Instant::now(), ready));
                        thread::sleep(Duration::from_millis(200));
                    }
                })
            })
            .collect();
        Self { stop, nodes, threads }
    }

    /// Whether each node said at some time after this that it is ready, or that it is not.
    pub fn each_said(&self, ready: bool, after: Instant) -> bool {
        self.nodes.iter().all(|said| {
            let said = said.lock().unwrap_or_else(PoisonError::into_inner);
            said.iter().any(|(at, was)| *at > after && *was == ready)
        })
    }

    /// Waits until each node has said after this that it is ready; false when that took too long.
    pub async fn wait_until_ready(&self, after: Instant, patience: Duration) -> bool {
        while after.elapsed() < patience {
            if self.each_said(true, after) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        false
    }
}

impl Drop for ReadinessWatch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
