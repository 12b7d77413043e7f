use std::net::SocketAddr;

use super::*;

const EXAMPLE: &str = include_str!("../../strongroomd.example.toml");

const SHORTEST: &str = r#"
node = "vault-1"
trust_domain = "example.org"
tls = { certificate_file = "/etc/strongroom/server.pem", private_key_file = "/etc/strongroom/server.key", client_ca_file = "/etc/strongroom/clients-ca.pem" }
store.sqlite.path = "/var/lib/strongroom/strongroom.sqlite"
hsm = { module = "/usr/lib/softhsm/libsofthsm2.so", token_label = "strongroom", pin_file = "/etc/strongroom/hsm-pin" }
"#;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, "test.toml", Path::new("/etc/strongroom"))
}

fn refusal(text: &str) -> String {
    parse(text).map(drop).unwrap_err().to_string()
}

#[test]
fn the_example_shows_every_setting_and_its_default() {
    assert_eq!(parse(EXAMPLE), parse(SHORTEST));
    let shown: toml::Table = EXAMPLE.parse().unwrap();
    let limits = shown["limits"].as_table().unwrap();
    // Serde tells the names it knows when it meets one that it does not.
    let told = toml::from_str::<Limits>("x = 1").map(drop).unwrap_err().message().to_owned();
    let known: Vec<&str> = told.split('`').skip(3).step_by(2).collect();
    assert_eq!(known.len(), limits.len(), "{told}");
    for name in known {
        assert!(limits.contains_key(name), "{name} is missing in the example");
    }
}

#[test]
fn the_example_shows_a_destination() {
    let lines = EXAMPLE.lines().filter_map(|line| line.strip_prefix("#   "));
    let shown = lines.collect::<Vec<_>>().join("\n");
    let config = parse(&format!("{SHORTEST}\n{shown}")).unwrap();
    let destination = config.egress.destinations.first().unwrap();
    assert_eq!(
        (destination.name.as_str(), destination.port, destination.max_in_flight),
        ("acquirer", 443, 32)
    );
    // And the process may get there, and to the name servers that know where it is.
    assert_eq!(config.outbound_tcp_ports(), [443, 53]);
    let numbered = shown.replace("api.acquirer.example", "192.0.2.1");
    assert_eq!(parse(&format!("{SHORTEST}\n{numbered}")).unwrap().outbound_tcp_ports(), [443]);
    assert!(parse(EXAMPLE).unwrap().outbound_tcp_ports().is_empty());
    let misspelt = format!("{SHORTEST}\n{}", shown.replace("card_in_answer", "card_in_answers"));
    assert!(refusal(&misspelt).contains("unknown field"), "{}", refusal(&misspelt));
    let relative = shown.replace("/etc/strongroom/acquirer", "acquirer");
    assert_eq!(parse(&format!("{SHORTEST}\n{relative}")), Ok(config));
}

#[test]
fn destinations_are_checked_with_their_files() {
    let lines = EXAMPLE.lines().filter_map(|line| line.strip_prefix("#   "));
    let shown = lines.collect::<Vec<_>>().join("\n").replace("\"acme\"", "");
    let config = parse(&format!("{SHORTEST}\n{shown}")).unwrap();
    let problems = check(&config);
    let told: Vec<_> = problems
        .iter()
        .filter(|problem| problem.setting == "egress.destinations")
        .map(|problem| &problem.reason)
        .collect();
    assert!(told.iter().any(|reason| reason.contains("acquirer: tenants")), "{told:?}");
    assert!(told.iter().any(|reason| reason.contains("acquirer: ca_file")), "{told:?}");
}

/// The example with PostgreSQL instead of SQLite, as its comments say.
fn example_with_postgres() -> String {
    let (before, rest) = EXAMPLE.split_once("\n[store.sqlite]\n").unwrap();
    let (_, after) = rest.split_once("# For more than one node").unwrap();
    let uncommented = |line: &str| match line.strip_prefix('#') {
        Some(setting) if !setting.starts_with(' ') => setting.to_owned(),
        _ => line.to_owned(),
    };
    let after: Vec<String> = after.lines().skip(1).map(uncommented).collect();
    format!("{before}\n{}", after.join("\n"))
}

#[test]
fn the_example_shows_postgres_and_its_defaults() {
    let shown = example_with_postgres();
    let shortest = SHORTEST.replace(
        "store.sqlite.path = \"/var/lib/strongroom/strongroom.sqlite\"",
        "store.postgres = { host = \"db.internal\", password_file = \"/etc/strongroom/database-password\", \
         ca_file = \"/etc/strongroom/database-ca.pem\" }",
    );
    assert_eq!(parse(&shown), parse(&shortest));
    let table: toml::Table = shown.parse().unwrap();
    let told = toml::from_str::<PostgresSettings>("x = 1").map(drop).unwrap_err().message().to_owned();
    let known: Vec<&str> = told.split('`').skip(3).step_by(2).collect();
    let settings = table["store"]["postgres"].as_table().unwrap();
    assert_eq!(known.len(), settings.len(), "{told}");
    assert!(known.iter().all(|name| settings.contains_key(*name)), "{told}");
}

#[test]
fn a_database_elsewhere_must_be_verified() {
    let shown = example_with_postgres();
    let without = shown.replace("ca_file = \"/etc/strongroom/database-ca.pem\"\n", "");
    assert!(refusal(&without).contains("store.postgres.ca_file must be given"));
    let dangerous = "danger_accept_unverified_server = ";
    assert!(parse(&without.replace(&format!("{dangerous}false"), &format!("{dangerous}true"))).is_ok());
    let local = without.replace("db.internal", "/run/postgresql");
    let local = parse(&local).unwrap();
    assert_eq!((local.outbound_tcp_ports(), local.writable_paths()), (vec![], vec![]));
    assert_eq!(parse(&shown).unwrap().outbound_tcp_ports(), [5432]);
}

#[test]
fn there_is_exactly_one_store() {
    let both = format!("{}\n[store.sqlite]\npath = \"/a\"", example_with_postgres());
    assert!(parse(&both).is_err());
    assert!(parse(&SHORTEST.replace("store.sqlite.path", "store.memory.path")).is_err());
}

#[test]
fn the_defaults_are_the_safe_ones() {
    let config = parse(SHORTEST).unwrap();
    assert!(config.listener.address.ip().is_loopback() && config.operations.address.ip().is_loopback());
    assert!(!config.hardening.danger_allow_root && !config.operations.danger_listen_beyond_loopback);
    assert_eq!(config.hardening.outbound_tcp_ports, Vec::<u16>::new());
}

#[test]
fn an_unknown_name_is_refused_where_it_stands() {
    assert!(refusal(&format!("{SHORTEST}\nnodes = 2")).starts_with("test.toml:8: unknown field `nodes`"));
    for section in [
        "listener",
        "operations",
        "tls",
        "store.sqlite",
        "hsm",
        "witness",
        "limits",
        "keys",
        "audit",
        "log",
        "hardening",
    ] {
        let text = EXAMPLE.replace(&format!("[{section}]\n"), &format!("[{section}]\nadress = 1\n"));
        assert!(refusal(&text).contains("unknown field `adress`"), "{section}");
    }
}

#[test]
fn a_refusal_never_repeats_a_value() {
    let secret = "hunter2-hunter2";
    for text in [
        format!("{SHORTEST}\n[log]\nfilter = [\"{secret}\"]"),
        format!("{SHORTEST}\n[listener]\naddress = \"{secret}\""),
        format!("{SHORTEST}\n[limits]\nconnections = \"{secret}\""),
        format!("{SHORTEST}\n[hardening]\nrequired = \"{secret} must be kept\""),
        format!("{SHORTEST}\npin = \"{secret}"),
        format!("{SHORTEST}\n{secret}"),
        SHORTEST.replace("vault-1", "Hunter2-hunter2"),
    ] {
        let told = refusal(&text);
        assert!(!told.to_lowercase().contains("hunter2"), "{told}");
        assert!(told.starts_with("test.toml:"), "{told}");
    }
}

#[test]
fn names_and_numbers_are_checked_as_they_are_read() {
    let named = SHORTEST.replace("\"vault-1\"", "\"Vault 1\"");
    assert_eq!(refusal(&named), "test.toml:2: a node name must be 1 to 63 characters of a-z, 0-9 and -");
    for line in [
        "limits.connections = 0",
        "limits.idle_timeout_seconds = 0",
        "limits.header_bytes = 100",
        "limits.header_timeout_seconds = -1",
        "keys.time_to_live_seconds = 0.5",
        "stream_epoch = 0",
    ] {
        assert!(refusal(&format!("{SHORTEST}\n{line}")).contains("must be"), "{line}");
    }
}

#[test]
fn there_is_exactly_one_source_of_the_pin() {
    let without = SHORTEST.replace(", pin_file = \"/etc/strongroom/hsm-pin\"", "");
    assert!(refusal(&without).contains("exactly one of pin_file, pin_fd and pin_credential"));
    let with = |more: &str| without.replace("token_label", &format!("{more}, token_label"));
    assert!(refusal(&with("pin_fd = 3, pin_credential = \"pin\"")).contains("exactly one of"));
    assert_eq!(parse(&with("pin_fd = 3")).unwrap().hsm.pin_source(), PinSource::Descriptor(3));
    let credential = parse(&with("pin_credential = \"pin\"")).unwrap();
    assert_eq!(credential.hsm.pin_source(), PinSource::Credential("pin"));
}

#[test]
fn operations_stay_on_this_machine_unless_told_so() {
    let beyond = format!("{SHORTEST}\n[operations]\naddress = \"0.0.0.0:8444\"\n");
    assert!(refusal(&beyond).contains("must be a loopback address"));
    let told = parse(&format!("{beyond}danger_listen_beyond_loopback = true")).unwrap();
    assert_eq!(told.operations.address, "0.0.0.0:8444".parse::<SocketAddr>().unwrap());
}

#[test]
fn relative_paths_start_at_the_files_folder() {
    let config = parse(&SHORTEST.replace("/var/lib/strongroom/", "data/")).unwrap();
    let path = PathBuf::from("/etc/strongroom/data/strongroom.sqlite");
    assert_eq!(config.store, StoreConfig::Sqlite(SqliteSettings { path }));
    assert_eq!(config.writable_paths(), [Path::new("/etc/strongroom/data")]);
}

#[test]
fn a_missing_file_is_named() {
    let told = Config::read(Path::new("/nowhere/strongroomd.toml")).map(drop).unwrap_err().to_string();
    assert_eq!(told, "/nowhere/strongroomd.toml: cannot be read: entity not found");
}

#[test]
fn a_pin_is_read_without_its_line_break_and_only_from_a_private_file() {
    use std::os::unix::fs::PermissionsExt as _;

    use secrecy::ExposeSecret as _;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pin");
    std::fs::write(&path, "correct horse \n").unwrap();
    let source = PinSource::File(&path);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert!(matches!(source.open(), Err(PrivateFileError::Mode { found: 0o600, allowed: "0400" })));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o400)).unwrap();
    assert_eq!(source.open().unwrap().read().unwrap().expose_secret(), "correct horse ");
    assert!(matches!(PinSource::Credential("../pin").open(), Err(PrivateFileError::NoCredentials)));
}

/// The example with the hosted field, as its comments say.
fn example_with_field() -> String {
    let (before, rest) = EXAMPLE.split_once("\n#[hosted_field]\n").unwrap();
    let (section, after) = rest.split_once("\n\n# Where the data are").unwrap();
    let uncommented = |line: &str| match line.strip_prefix('#') {
        Some(setting) if !setting.starts_with(' ') => setting.to_owned(),
        _ => line.to_owned(),
    };
    let section: Vec<String> = section.lines().map(uncommented).collect();
    format!("{before}\n[hosted_field]\n{}\n\n# Where the data are{after}", section.join("\n"))
}

#[test]
fn the_example_shows_the_hosted_field_and_its_defaults() {
    let shown = parse(&example_with_field()).unwrap().hosted_field.unwrap();
    assert_eq!(
        (shown.connections, shown.connections_per_address, shown.requests_per_second_per_address),
        (1024, 32, 50)
    );
    let table: toml::Table = example_with_field().parse().unwrap();
    let told = toml::from_str::<HostedFieldConfig>("x = 1").map(drop).unwrap_err().message().to_owned();
    let known: Vec<&str> = told.split('`').skip(3).step_by(2).collect();
    let settings = table["hosted_field"].as_table().unwrap();
    assert_eq!(known.len(), settings.len(), "{told}");
    assert!(known.iter().all(|name| settings.contains_key(*name)), "{told}");
    assert_eq!(parse(EXAMPLE).unwrap().hosted_field, None);
}

#[test]
fn a_hosted_field_is_secure_apart_from_its_merchants_and_names_them() {
    let example = example_with_field();
    let changed = |from: &str, to: &str| {
        assert!(example.contains(from), "{from}");
        refusal(&example.replace(from, to))
    };
    let plain = "danger_plain_http = false";
    assert!(changed(plain, "danger_plain_http = true").contains("goes with a loopback address"));
    assert!(
        changed("private_key_file = \"/etc/strongroom/field.key\"\n", "").contains("needs certificate_file")
    );
    let merchants = "merchant_origins = [\"https://shop.example\"]";
    assert!(changed(merchants, "merchant_origins = []").contains("at least one"));
    assert!(
        changed(merchants, "merchant_origins = [\"https://*.shop.example\"]")
            .contains("without path or wildcard")
    );
    let own = "merchant_origins = [\"https://field.vault.example\"]";
    assert!(changed(merchants, own).contains("the field's own origin"));
    let local = example
        .replace("0.0.0.0:8445", "127.0.0.1:8445")
        .replace("certificate_file = \"/etc/strongroom/field.pem\"\n", "")
        .replace("private_key_file = \"/etc/strongroom/field.key\"\n", "")
        .replace(plain, "danger_plain_http = true");
    assert!(parse(&local).is_ok_and(|config| config.hosted_field.unwrap().tls().is_none()));
}
