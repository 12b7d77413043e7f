//! What is wrong with a destination is told when it is loaded, all of it at once.

use std::os::unix::fs::PermissionsExt as _;

use strongroom_domain::TenantId;
use strongroom_egress::{DestinationConfig, Destinations, PathConfig, TargetError};

use crate::authority::Authority;
use crate::house::House;

fn problems(house: &House) -> Vec<String> {
    let folder = house.config.ca_file.parent().map(|folder| folder.display().to_string()).unwrap_or_default();
    let problems = house.load().map(drop).unwrap_err();
    problems.iter().map(|problem| problem.to_string().replace(&folder, "")).collect()
}

fn of(change: impl FnOnce(&mut DestinationConfig)) -> House {
    House::of(&Authority::new(), 443).with(change)
}

fn path(pattern: &str) -> PathConfig {
    PathConfig { pattern: pattern.to_owned(), query: false }
}

#[test]
fn everything_wrong_is_told_at_once() {
    let house = of(|config| {
        config.name = "My Bank".to_owned();
        config.host = "127.1".to_owned();
        config.methods = vec!["post".to_owned()];
        config.paths = vec![path("/v1/../*"), path("/v1*")];
        config.request_headers = vec!["Host".to_owned(), "a b".to_owned()];
        config.allow_private_addresses = vec!["0.0.0.0/0".parse().unwrap(), "10.0.0.0/8".parse().unwrap()];
        config.timeout = std::time::Duration::from_secs(1);
        config.client_private_key_file = Some("client.key".into());
    });
    std::fs::write(&house.config.ca_file, "no PEM").unwrap();
    assert_eq!(
        problems(&house),
        [
            "name: must be 1 to 63 characters of a-z, 0-9 and -",
            "host: must be an IP address with all its parts, or a DNS name whose last part begins with a letter",
            "methods: must be one or more of DELETE, GET, PATCH, POST and PUT",
            "paths: the path is not in normal form: it must not hold `.` or `..` as a part",
            "paths: the path is not in normal form: a `*` must follow a `/`",
            "request_headers: must not hold host: it is part of how the message is sent",
            "request_headers: must hold names of headers only",
            "allow_private_addresses: 0.0.0.0/0 must lie within one network that is private, such as 10.0.0.0/8",
            "connect_timeout_seconds: must not be more than timeout_seconds",
            "ca_file: /ca.pem holds no certificate",
            "client_certificate_file: is missing beside the key",
        ]
        .map(|problem| format!("destination My Bank: {problem}"))
    );
}

#[test]
fn files_must_be_what_they_should_be() {
    let authority = Authority::new();
    let with = |change: &dyn Fn(&House)| {
        let house = House::of(&authority, 443).with_identity(&authority.issue("vault"));
        change(&house);
        problems(&house).remove(0).replace("destination acquirer: ", "")
    };
    let key = |house: &House| house.config.client_private_key_file.clone().unwrap();
    let mode = |house: &House, mode| {
        std::fs::set_permissions(key(house), std::fs::Permissions::from_mode(mode)).unwrap()
    };
    let leaf = authority.issue("acquirer.test").certificate;
    let old = authority.issue_for("vault", time::Duration::hours(-2), time::Duration::hours(-1)).certificate;
    for (found, expected) in [
        (
            with(&|house| std::fs::remove_file(&house.config.ca_file).unwrap()),
            "ca_file: /ca.pem cannot be read: entity not found",
        ),
        (
            with(&|house| drop(house.write("ca.pem", &leaf))),
            "ca_file: /ca.pem holds a certificate that is not an authority's",
        ),
        (
            with(&|house| mode(house, 0o644)),
            "client_private_key_file: /client.key has mode 0644; it must be 0400 or 0600",
        ),
        (
            with(&|house| std::fs::write(key(house), "x").unwrap()),
            "client_private_key_file: /client.key holds no private key in PEM",
        ),
        (
            with(&|house| drop(house.write("client.pem", &old))),
            "client_certificate_file: /client.pem holds a certificate that has expired",
        ),
    ] {
        assert_eq!(found, expected);
    }
    let mismatch = with(&|house| drop(house.write("client.pem", &leaf)));
    assert!(mismatch.starts_with("client_certificate_file: "), "{mismatch}");
}

#[test]
fn names_are_there_once() {
    let house = of(|_| {});
    let problems = Destinations::load(&[house.config.clone(), house.config.clone()]).map(drop).unwrap_err();
    assert_eq!(problems[0].to_string(), "destination acquirer: name: is there twice");
    let destinations = Destinations::load(std::slice::from_ref(&house.config)).ok().unwrap();
    let acme = TenantId::parse("acme").unwrap();
    assert_eq!(
        destinations.of(&acme, "acquirer").map(|found| found.name().to_owned()).as_deref(),
        Some("acquirer")
    );
    let other = TenantId::parse("globex").unwrap();
    assert!(destinations.of(&other, "acquirer").is_none(), "it is not on the list");
    assert!(destinations.of(&acme, "other").is_none() && destinations.iter().count() == 1);
}

#[test]
fn targets_are_those_of_the_list() {
    let destination = of(|_| {}).destination();
    let refusal = |method, path| destination.target(method, path).err();
    assert_eq!(refusal("POST", "/v1/payments"), None);
    assert_eq!(refusal("GET", "/v1/refunds/1?a=b"), None);
    for method in ["PUT", "post", "CONNECT", "", "GET\r\n"] {
        assert_eq!(refusal(method, "/v1/payments"), Some(TargetError::Method), "{method}");
    }
    for path in ["/", "/v1/payments/", "/v1/payments/1", "/v1/refunds", "/v1/refunds/", "/v2/payments"] {
        assert_eq!(refusal("POST", path), Some(TargetError::Path), "{path}");
    }
    assert_eq!(refusal("POST", "/v1/payments?a=b"), Some(TargetError::Query));
    assert_eq!(refusal("POST", "/v1/payments?"), Some(TargetError::Query));
    for path in [
        "https://other.test/v1/payments",
        "//other.test/v1/payments",
        "/v1/refunds/1#a",
        "*",
        "/v1/refunds/%2e%2e",
    ] {
        assert!(matches!(refusal("POST", path), Some(TargetError::NotNormal(_))), "{path}");
    }
}
