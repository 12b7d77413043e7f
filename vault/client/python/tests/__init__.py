"""The SDK's tests. `cargo test -p strongroom-sdk-tests` starts a vault and runs them against it."""
