//! Named checks, what they receive, and how their outcome is printed.

use std::fmt::{Debug, Display};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::time::{Duration, Instant};

use rdkafka::config::ClientConfig;

/// Why a check failed, or nothing.
pub type Outcome<T = ()> = Result<T, String>;

/// `Before` and `After` stand on the two sides of a broker restart.
#[derive(Clone, Copy, PartialEq)]
pub enum Phase {
    Main,
    Before,
    After,
}

pub struct Check {
    pub name: &'static str,
    pub phase: Phase,
    pub quick: bool,
    pub run: fn(&Context) -> Outcome,
}

/// What a running check receives.
pub struct Context {
    bootstrap: String,
    prefix: String,
    name: &'static str,
}

impl Context {
    /// Names a topic (or a group) that belongs to this check alone.
    pub fn own(&self, suffix: &str) -> String {
        format!("{}-{}-{suffix}", self.prefix, self.name.replace('_', "-"))
    }

    /// Names a topic or group that two checks of the same run refer to.
    pub fn shared(&self, suffix: &str) -> String {
        format!("{}-{suffix}", self.prefix)
    }

    /// The settings that all clients start from.
    pub fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.bootstrap)
            .set("topic.metadata.refresh.fast.interval.ms", "50")
            .set("allow.auto.create.topics", "false")
            .set("log_level", "0");
        config
    }
}

/// Puts what was being done before an error.
pub trait During<T> {
    fn during(self, what: &str) -> Outcome<T>;
}

impl<T, E: Display> During<T> for Result<T, E> {
    fn during(self, what: &str) -> Outcome<T> {
        self.map_err(|error| format!("{what}: {error}"))
    }
}

/// Fails if got differs from want.
pub fn equal<T: PartialEq + Debug>(got: T, want: T, what: &str) -> Outcome {
    if got == want {
        return Ok(());
    }
    Err(format!("{what}: got {got:?}, want {want:?}"))
}

/// Polls until the condition holds; fails if it does not within so many seconds.
pub fn until(seconds: u64, what: &str, mut holds: impl FnMut() -> Outcome<bool>) -> Outcome {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    while !holds()? {
        if Instant::now() > deadline {
            return Err(format!("not within {seconds} s: {what}"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// Runs the checks that the command line chooses; returns the exit status.
pub fn run_all(checks: &[Check]) -> i32 {
    let given: Vec<String> = std::env::args().collect();
    let option = |name: &str, default: &str| {
        let at = given.iter().position(|word| word == name);
        at.and_then(|at| given.get(at + 1)).map_or(default.to_string(), String::clone)
    };
    let (bootstrap, prefix) = (option("--bootstrap", "127.0.0.1:9092"), option("--prefix", "compat"));
    let (quick, only) = (given.contains(&"--quick".to_string()), option("--only", ""));
    let phase = match option("--phase", "main").as_str() {
        "before" => Phase::Before,
        "after" => Phase::After,
        _ => Phase::Main,
    };
    std::panic::set_hook(Box::new(|_| {}));
    let mut status = 0;
    for check in checks {
        if check.phase != phase || (quick && !check.quick) || !check.name.contains(&only) {
            continue;
        }
        let context = Context { bootstrap: bootstrap.clone(), prefix: prefix.clone(), name: check.name };
        let outcome = catch_unwind(AssertUnwindSafe(|| (check.run)(&context)));
        match outcome.unwrap_or_else(|_| Err("panic".to_string())) {
            Ok(()) => println!("PASS {}", check.name),
            Err(reason) => {
                println!("FAIL {}: {}", check.name, reason.replace('\n', " | "));
                status = 1;
            }
        }
    }
    status
}
