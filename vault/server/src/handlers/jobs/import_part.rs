use std::num::NonZeroU32;

use strongroom_api::jobs::lines::{CardLine, Columns, LineReader, LineRefusal, is_empty, lines};
use strongroom_api::jobs::{CSV_CONTENT_TYPE, ImportedLine, NDJSON_CONTENT_TYPE};
use strongroom_api::tokens::CreateToken;
use strongroom_api::{ErrorCode, Text};
use strongroom_core::{
    ImportPart, ImportRow, ImportTerms, ImportedPart, LineError, LinesRead, Metadata, NewToken, Tokenized,
    VaultError,
};
use strongroom_domain::{LineFormat, RequestId, Shown};

use crate::handlers::Outcome;
use crate::handlers::rendered::rendered;
use crate::handlers::tokens::{status_of, value_input, values};
use crate::problem;
use crate::request::{Received, Reply};

/// `POST /v1/jobs/{job}/parts/{part}` with lines of CSV or JSON.
pub(crate) async fn import_part(received: Received) -> Outcome {
    let (job, part) = (received.job()?, received.part()?);
    let (request_id, content_type) = (&received.call.request_id, received.content_type);
    let read =
        |terms: &ImportTerms, first_line: u64, body: &[u8]| read(terms, content_type, first_line, body);
    let render = |part: &ImportedPart| rendered(request_id, 200, Ok(imported(part, request_id)));
    let part = ImportPart { job: &job, part, body: &received.body };
    Reply::answer(received.vault.import_part(&received.call, part, read, render).await?)
}

fn read(
    terms: &ImportTerms,
    content_type: &str,
    first_line: u64,
    body: &[u8],
) -> Result<LinesRead, VaultError> {
    let expected = match terms.format {
        LineFormat::Csv => CSV_CONTENT_TYPE,
        LineFormat::Ndjson => NDJSON_CONTENT_TYPE,
    };
    if content_type != expected {
        return Err(VaultError::Invalid("the Content-Type is not that of the format the import began with"));
    }
    let reader = match terms.format {
        LineFormat::Csv => {
            LineReader::Csv(Columns::named(&terms.columns).map_err(|_| VaultError::IntegrityFailure)?)
        }
        LineFormat::Ndjson => LineReader::Ndjson,
    };
    let (mut rows, mut count) = (Vec::new(), 0);
    for (text, line) in lines(body).zip(first_line..) {
        count += 1;
        if !is_empty(text) {
            let item = reader.read(text).map_err(line_error).and_then(|read| new_token(read, terms));
            rows.push(ImportRow { line, item });
        }
    }
    Ok(LinesRead { rows, lines: count })
}

fn new_token(line: CardLine, terms: &ImportTerms) -> Result<NewToken, VaultError> {
    Ok(NewToken {
        value: value_input(CreateToken::card(line.card).take_value())?,
        profile: terms.profile.clone(),
        ttl: terms.ttl,
        max_uses: terms.single_use.then_some(NonZeroU32::MIN),
        metadata: Metadata::new(line.metadata.into_pairs())?,
        aliases: values(line.aliases),
        tags: values(line.tags),
        security_code: None,
        security_code_ttl: None,
    })
}

fn line_error(refusal: LineRefusal) -> VaultError {
    let is_forbidden = refusal.code == ErrorCode::SecurityCodeNotAllowed;
    Box::new(LineError { is_forbidden, detail: refusal.detail, column: refusal.column }).into()
}

fn imported(part: &ImportedPart, request_id: &RequestId) -> strongroom_api::jobs::ImportedPart {
    strongroom_api::jobs::ImportedPart {
        job: Text(part.job.clone()),
        part: part.part,
        lines: part.rows.iter().map(|(line, result)| imported_line(*line, result, request_id)).collect(),
    }
}

fn imported_line(line: u64, result: &Result<Tokenized, VaultError>, request_id: &RequestId) -> ImportedLine {
    let mut imported = ImportedLine { line, status: 0, token: None, bin: None, last4: None, error: None };
    match result {
        Ok(done) => {
            imported.status = status_of(done);
            imported.token = Some(Text(done.token.token.clone()));
            if let Shown::Card { bin, last_four, .. } = done.token.shown {
                (imported.bin, imported.last4) = (bin.map(Text), last_four.map(Text));
            }
        }
        Err(error) => {
            let problem = problem::of_line(error, line, request_id);
            imported.status = problem.status;
            imported.error = Some(problem);
        }
    }
    imported
}
