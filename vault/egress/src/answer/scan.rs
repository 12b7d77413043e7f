//! The search through a whole answer.

use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};

use memchr::memmem;
use strongroom_domain::{LuhnRule, Pan};
use zeroize::Zeroizing;

use super::view::View;
use super::{Answer, Form, Found, Place, digits, encoded};

/// What was found, and whether there was more.
pub(super) struct Search {
    pub(super) found: Vec<Found>,
    pub(super) too_many: bool,
}

/// Searches headers and body.
pub(super) fn search(answer: &Answer, sent: &[Pan]) -> Search {
    let numbers: Vec<Known> = sent.iter().map(Known::of).collect();
    let mut search = Search { found: Vec::new(), too_many: false };
    for (place, (name, value)) in answer.headers.iter().enumerate() {
        search.text(Place::HeaderName(place), name.as_str().as_bytes(), &numbers);
        search.text(Place::Header(place), value.as_bytes(), &numbers);
    }
    search.text(Place::Body, answer.bytes(), &numbers);
    search
}

/// Whether any of these numbers is in an answer.
pub(super) fn holds_sent(answer: &Answer, sent: &[Pan]) -> bool {
    search(answer, sent).found.iter().any(Found::was_sent)
}

/// A number that was sent, in the forms in which it is looked for.
struct Known {
    digits: Zeroizing<Vec<u8>>,
    encoded: Vec<(Form, Zeroizing<Vec<u8>>)>,
}

impl Known {
    #[expect(
        clippy::disallowed_methods,
        reason = "the answer is searched for exactly these digits; both are wiped"
    )]
    fn of(number: &Pan) -> Self {
        let digits = Zeroizing::new(number.expose_digits().to_vec());
        let encoded = encoded::patterns(&digits);
        Self { digits, encoded }
    }

    /// The same number once more: a copy that its owner wipes.
    fn to_pan(&self) -> Option<Pan> {
        Pan::parse(std::str::from_utf8(&self.digits).ok()?, LuhnRule::Relaxed).ok()
    }
}

impl Search {
    fn text(&mut self, place: Place, text: &[u8], sent: &[Known]) {
        let mut layers = vec![View::of(text)];
        while layers.len() < MAX_LAYERS
            && let Some(next) = layers.last().and_then(View::unescaped)
        {
            layers.push(next);
        }
        let mut hits = Hits::default();
        for layer in &layers {
            let stream = digits::Stream::of(layer.bytes());
            for number in sent {
                hits.known(layer, &stream, number);
            }
        }
        // After those that are known, so that a part of one is not taken for another.
        for layer in &layers {
            digits::find_any(layer.bytes(), |range, number| {
                hits.add(layer.source(range), Hit { form: Form::Digits, sent: false, number })
            });
        }
        self.too_many |= hits.too_many;
        for (start, (end, Hit { form, sent, number })) in hits.by_start {
            if self.found.len() == MAX_FOUND {
                self.too_many = true;
                return;
            }
            self.found.push(Found { place, span: start..end, form, sent, number });
        }
    }
}

/// What was found in one text; no two overlap.
#[derive(Default)]
struct Hits {
    by_start: BTreeMap<usize, (usize, Hit)>,
    too_many: bool,
}

struct Hit {
    form: Form,
    sent: bool,
    number: Pan,
}

impl Hits {
    fn known(&mut self, layer: &View, stream: &digits::Stream, known: &Known) {
        let spelled = stream.find(&known.digits).map(|range| {
            let plain = layer.bytes().get(range.clone()).is_some_and(digits::is_plain);
            (range, if plain { Form::Digits } else { Form::Scattered })
        });
        let encoded = known.encoded.iter().flat_map(|(form, pattern)| {
            let starts = memmem::find_iter(layer.bytes(), &**pattern);
            starts.map(|start| (start..start + pattern.len(), *form))
        });
        for (range, form) in spelled.chain(encoded) {
            let Some(number) = known.to_pan() else { continue };
            if self.add(layer.source(range), Hit { form, sent: true, number }).is_break() {
                return;
            }
        }
    }

    /// Says whether there is room for more.
    fn add(&mut self, span: Range<usize>, hit: Hit) -> ControlFlow<()> {
        let before = self.by_start.range(..span.end).next_back();
        if before.is_some_and(|(_, (end, _))| *end > span.start) {
            return ControlFlow::Continue(());
        }
        if self.by_start.len() == MAX_FOUND {
            self.too_many = true;
            return ControlFlow::Break(());
        }
        self.by_start.insert(span.start, (span.end, hit));
        ControlFlow::Continue(())
    }
}

/// As it came, and three layers of escapes taken away.
const MAX_LAYERS: usize = 4;

/// An answer with more is no answer to a payment.
const MAX_FOUND: usize = 1000;
