//! The hosted card field of `vault/client/browser`, in a real browser.
//!
//! | what | where |
//! | --- | --- |
//! | the packages, each at one version | `package.json` |
//! | two servers: the shop's and the vault operator's, with the field's own headers | `node/origins.mjs` |
//! | a browser, a shop's page with a field in it, and a record of what it saw | `node/checkout.mjs` |
//! | what has to hold, by subject | `node/<subject>.test.mjs` |
//! | questions of the Rust side: cards typed to the vault's own keys, brands of numbers | `node/typed.mjs`, `node/brands.mjs` |
//!
//! Needed are `node`, `npm`, its registry, and Chromium: `/usr/bin/chromium`, or what `STRONGROOM_TEST_CHROMIUM` names.
//! The packages are installed below `target/interop`. The fonts of the system decide how Chinese looks, no test does.

mod script;

pub use script::{Script, ScriptError};
