use std::io;
use std::net::IpAddr;
use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use strongroom_egress::{DestinationConfig, Resolver};

use super::*;

/// Says that every name stands for this address.
struct Told(&'static str);

#[async_trait]
impl Resolver for Told {
    async fn resolve(&self, _host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(vec![self.0.parse().unwrap()])
    }
}

fn listed(folder: &Path, address: &'static str) -> ListedDestinations {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
    std::fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
    let mut config: DestinationConfig = toml::from_str(
        r#"
        name = "acquirer"
        tenants = ["acme"]
        host = "api.acquirer.example"
        methods = ["POST"]
        paths = [{ pattern = "/v1/payments" }]
        ca_file = "ca.pem"
        max_in_flight = 1
        "#,
    )
    .unwrap();
    config.ca_file = folder.join("ca.pem");
    let destinations = Destinations::load(&[config]).unwrap_or_else(|problems| panic!("{problems:?}"));
    ListedDestinations::new(destinations, Forwarder::new(Arc::new(Told(address))))
}

fn acme() -> TenantId {
    TenantId::parse("acme").unwrap()
}

fn payment<'a>(body: &'a Secret<String>, names: &'a [String]) -> Template<'a> {
    Template {
        destination: "acquirer",
        method: "POST",
        path: "/v1/payments",
        headers: &[],
        body: Some(("application/json", body)),
        names,
    }
}

fn body(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn value(_: &str, part: Part) -> Option<Secret<String>> {
    (part == Part::Number).then(|| body("4111111111111111"))
}

#[tokio::test]
async fn a_name_that_stands_for_an_inner_address_is_refused_and_the_address_not_told() {
    let folder = tempfile::tempdir().unwrap();
    let (text, names) = (body(r#"{"pan":"{{card.number}}"}"#), vec!["card".to_owned()]);
    for (address, kind) in
        [("10.0.0.1", "private"), ("169.254.169.254", "of the local link"), ("127.0.0.1", "of this machine")]
    {
        let egress = listed(folder.path(), address);
        let draft = egress.read(&acme(), &payment(&text, &names)).ok().unwrap();
        assert_eq!(draft.placeholders(), [("card".to_owned(), Part::Number)]);
        let sent = draft.fill(&value).ok().unwrap().send(Duration::from_secs(5)).await;
        let Err(EgressFailure::Refused(reason)) = sent else { panic!("{address} was not refused") };
        assert!(reason.contains(kind) && !reason.contains(address), "{reason}");
    }
}

#[test]
fn each_refusal_tells_whose_fault_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let egress = listed(folder.path(), "10.0.0.1");
    let names = vec!["card".to_owned()];
    let text = body(r#"{"pan":"{{card.number}}"}"#);
    let refusal = |template: &Template<'_>| egress.read(&acme(), template).map(drop).unwrap_err();
    let fine = payment(&text, &names);
    assert!(!egress.has(&TenantId::parse("globex").unwrap(), "acquirer"));
    let theirs = egress.read(&TenantId::parse("globex").unwrap(), &fine).map(drop);
    assert_eq!(theirs, Err(EgressRefusal::NoDestination));
    assert_eq!(refusal(&Template { destination: "other", ..fine }), EgressRefusal::NoDestination);
    let headers = [("host".to_owned(), body("other.example"))];
    for template in [
        Template { method: "DELETE", ..fine },
        Template { path: "/v1/payouts", ..fine },
        Template { headers: &headers, ..fine },
    ] {
        assert!(matches!(refusal(&template), EgressRefusal::NotAllowed(_)));
    }
    let unclosed = body(r#"{"pan":"{{card.number"}"#);
    let unknown = body(r#"{"pan":"{{other.number}}"}"#);
    for text in [&unclosed, &unknown] {
        assert!(matches!(refusal(&payment(text, &names)), EgressRefusal::Template(_)));
    }
    let missing = body(r#"{"cvv":"{{card.security_code}}"}"#);
    let draft = egress.read(&acme(), &payment(&missing, &names)).ok().unwrap();
    let Err(EgressRefusal::Template(reason)) = draft.fill(&value).map(drop) else { panic!("it was filled") };
    assert_eq!(reason, "body, byte 8: the token has no such field");
}

#[test]
fn a_full_destination_refuses_at_once_and_places_come_free() {
    let folder = tempfile::tempdir().unwrap();
    let egress = listed(folder.path(), "10.0.0.1");
    let (text, names) = (body(r#"{"pan":"{{card.number}}"}"#), vec!["card".to_owned()]);
    let first = egress.read(&acme(), &payment(&text, &names)).ok().unwrap();
    let second = egress.read(&acme(), &payment(&text, &names)).map(drop);
    assert_eq!(second, Err(EgressRefusal::Full));
    drop(first.fill(&value).ok().unwrap());
    assert!(egress.read(&acme(), &payment(&text, &names)).is_ok());
}
