use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{self, Receiver, Sender};

use cryptoki::context::Function;
use cryptoki::error::RvError;

use super::*;
use crate::classify::{classify, refusal};

const LONG: Duration = Duration::from_secs(10);

/// Seats are numbers; a failure of class session, login or handle is mended, everything else is told.
#[derive(Default)]
struct Desk {
    taken: AtomicUsize,
    retired: Mutex<Vec<usize>>,
    crowded: AtomicBool,
}

impl Crew for Desk {
    type Seat = usize;

    fn take_seat(&self) -> Result<usize, Fault> {
        if self.crowded.load(Ordering::SeqCst) {
            return Err(Fault::Code(Function::OpenSession, RvError::SessionCount));
        }
        Ok(self.taken.fetch_add(1, Ordering::SeqCst))
    }

    fn is_current(&self, _: &usize) -> bool {
        true
    }

    fn retire(&self, seat: usize) {
        self.retired.lock().unwrap().push(seat);
    }

    fn judge(&self, fault: Fault, canary: Canary<'_, usize>) -> Remedy {
        match fault {
            Fault::Code(function, code) => match classify(function, code) {
                class @ (Class::Session | Class::Login | Class::Handle) => Remedy::Once(class),
                Class::Busy => Remedy::Later,
                Class::Suspect if canary(&0).is_ok() => Remedy::Refuse(HsmError::Integrity),
                class => Remedy::Refuse(refusal(class, function, code)),
            },
            Fault::Refused(error) => Remedy::Refuse(error),
            Fault::Wrapper(_) | Fault::Absent => Remedy::Refuse(HsmError::Unavailable("absent")),
        }
    }
}

/// Does what the closure says; sends the outcome and the seats it was tried on.
struct Errand<F> {
    run: F,
    seats: Vec<usize>,
    reply: Sender<(Result<(), HsmError>, Vec<usize>)>,
}

impl<F: FnMut(usize) -> Result<(), Fault> + Send> Work<usize> for Errand<F> {
    fn attempt(&mut self, seat: &usize) -> Result<(), Fault> {
        self.seats.push(*seat);
        (self.run)(self.seats.len())
    }

    fn canary(&mut self, _: &usize) -> Result<(), Fault> {
        Ok(())
    }

    fn is_wanted(&self) -> bool {
        true
    }

    fn answer(self: Box<Self>, outcome: Result<(), HsmError>) {
        let _ = self.reply.send((outcome, self.seats));
    }
}

type Reply = Receiver<(Result<(), HsmError>, Vec<usize>)>;

fn errand(
    deadline: Duration,
    run: impl FnMut(usize) -> Result<(), Fault> + Send + 'static,
) -> (Job<usize>, Reply) {
    let (reply, answer) = mpsc::channel();
    let work = Box::new(Errand { run, seats: Vec::new(), reply });
    (Job { deadline: Instant::now() + deadline, work }, answer)
}

fn start(threads: usize, bound: usize, grace: Duration) -> Arc<Workers<Desk>> {
    let desk = Arc::new(Desk::default());
    let seats = (0..threads).map(|_| desk.take_seat().unwrap()).collect();
    Workers::start(desk, Arc::new(Gate::open()), seats, bound, grace).unwrap()
}

fn code(function: Function, code: RvError) -> Result<(), Fault> {
    Err(Fault::Code(function, code))
}

fn run(
    workers: &Workers<Desk>,
    run: impl FnMut(usize) -> Result<(), Fault> + Send + 'static,
) -> (Result<(), HsmError>, Vec<usize>) {
    let (job, answer) = errand(LONG, run);
    assert!(workers.submit(job).is_ok());
    answer.recv_timeout(LONG).unwrap()
}

#[test]
fn a_stale_session_is_replaced_and_the_call_tried_once_more() {
    let workers = start(1, 8, LONG);
    let (outcome, seats) = run(&workers, |attempt| match attempt {
        1 => code(Function::Encrypt, RvError::SessionHandleInvalid),
        _ => Ok(()),
    });
    assert_eq!((outcome, seats), (Ok(()), vec![0, 1]));
    assert_eq!(*workers.crew.retired.lock().unwrap(), [0]);
}

#[test]
fn each_class_is_mended_once_and_no_more() {
    let workers = start(1, 8, LONG);
    let (outcome, seats) = run(&workers, |attempt| match attempt {
        1 => code(Function::EncryptInit, RvError::KeyHandleInvalid),
        2 => code(Function::EncryptInit, RvError::UserNotLoggedIn),
        _ => code(Function::EncryptInit, RvError::KeyHandleInvalid),
    });
    assert_eq!(outcome, Err(HsmError::Unavailable("its sessions do not hold")));
    assert_eq!(seats.len(), 3);
}

#[test]
fn integrity_and_our_own_refusals_are_never_tried_again() {
    let workers = start(1, 8, LONG);
    let (outcome, seats) = run(&workers, |_| code(Function::Decrypt, RvError::GeneralError));
    assert_eq!((outcome, seats.len()), (Err(HsmError::Integrity), 1));
    let retired = workers.crew.retired.lock().unwrap().len();
    let (outcome, seats) = run(&workers, |_| Err(HsmError::Integrity.into()));
    assert_eq!((outcome, seats.len()), (Err(HsmError::Integrity), 1));
    assert_eq!(workers.crew.retired.lock().unwrap().len(), retired, "that session is in order");
}

#[test]
fn a_busy_token_is_asked_again_until_the_deadline() {
    let workers = start(1, 8, LONG);
    let (outcome, seats) = run(&workers, |attempt| match attempt {
        1..=3 => code(Function::Encrypt, RvError::HostMemory),
        _ => Ok(()),
    });
    assert_eq!((outcome, seats.len()), (Ok(()), 4));

    workers.crew.crowded.store(true, Ordering::SeqCst);
    let (job, answer) = errand(Duration::from_millis(100), |_| code(Function::Sign, RvError::DeviceMemory));
    assert!(workers.submit(job).is_ok());
    let (outcome, _) = answer.recv_timeout(LONG).unwrap();
    assert_eq!(outcome, Err(HsmError::Unavailable(LATE)));
}

#[test]
fn a_full_queue_gives_the_call_back() {
    let workers = start(1, 1, LONG);
    let (release, wait) = mpsc::channel::<()>();
    let (started, begun) = mpsc::channel::<()>();
    let (job, _answer) = errand(LONG, move |_| {
        let _ = started.send(());
        let _ = wait.recv();
        Ok(())
    });
    assert!(workers.submit(job).is_ok());
    begun.recv_timeout(LONG).unwrap();
    let (waiting, answer) = errand(LONG, |_| Ok(()));
    assert!(workers.submit(waiting).is_ok());
    assert!(workers.submit(errand(LONG, |_| Ok(())).0).is_err());
    release.send(()).unwrap();
    assert_eq!(answer.recv_timeout(LONG).unwrap().0, Ok(()));
}

#[test]
fn a_hung_call_costs_one_thread_which_is_replaced_up_to_the_cap() {
    let workers = start(1, 8, Duration::ZERO);
    let mut releases = Vec::new();
    for expected in
        [Watch { hung: 1, started: 1, exhausted: false }, Watch { hung: 1, started: 0, exhausted: true }]
    {
        let (release, wait) = mpsc::channel::<()>();
        let (job, _answer) = errand(Duration::from_millis(30), move |_| {
            let _ = wait.recv();
            Ok(())
        });
        assert!(workers.submit(job).is_ok());
        thread::sleep(Duration::from_millis(60));
        assert_eq!(workers.replace_hung(), expected);
        releases.push(release);
    }
    let (job, answer) = errand(LONG, |_| Ok(()));
    assert!(workers.submit(job).is_ok());
    assert!(answer.recv_timeout(Duration::from_millis(60)).is_err(), "nobody is left to serve");

    // Once the first call returns its thread ends, and the next look finds room for another one.
    releases.remove(0).send(()).unwrap();
    let end = Instant::now() + LONG;
    while workers.replace_hung().exhausted && Instant::now() < end {
        thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(answer.recv_timeout(LONG).unwrap().0, Ok(()), "a worker was started again");
}

#[test]
fn stopping_refuses_what_waits_and_a_closed_gate_turns_calls_away() {
    let workers = start(1, 8, LONG);
    workers.gate.close();
    let (outcome, seats) = run(&workers, |_| Ok(()));
    assert_eq!((outcome, seats), (Err(HsmError::Unavailable(AWAY)), vec![]));
    workers.gate.reopen();
    workers.stop();
    assert!(workers.submit(errand(LONG, |_| Ok(())).0).is_err());
}
