//! `lms register`.

use std::time::Instant;

use futures::StreamExt;
use lms_core::{
    Account, Error, ErrorKind, LmsProvider, LmsProviderExt, NewAccount, Platform, Registered, Result, Secret,
    Subject,
};
use serde::Serialize;

use super::people::drive::{Plan, Run, Told, drive, reason};
use super::people::journal::Place;
use super::people::table::{Faults, Row, Table};
use super::people::tally::{Outcome, Tally};
use super::people::who::{Before, Seen};
use super::people::{FileArgs, counted, spoken};
use crate::config::printed_by;
use crate::exit::{DONE, FAILED, Failure};
use crate::{ask, open, output};

/// `lms register`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  lms register inginious --username ada --email ada@example.org --name 'Ada Lovelace' --accept-terms
  lms register openedx --username ada --email ada@example.org --name Ada --field country=GB --validate-only
  lms register stepik --email ada@example.org --name 'Ada Lovelace' --password-command 'pass show ada'
  lms register openedx --csv accounts.csv --accept-terms
  lms register openedx --csv accounts.csv --accept-terms --resume   after it was cut off

The CSV names its columns: email, name, username (not on Stepik), password, and the platform's own fields as \
field.NAME. Passwords come from their column, or from --password-command for each row that has none; they are never \
written to the result file. Outcomes: registered, valid, already (there is such an account), refused, duplicate, empty, \
unknown. Ends with 1 if any was refused or is unknown.")]
pub(crate) struct Register {
    /// The remote.
    remote: String,
    /// The user name; Stepik has none.
    #[arg(long, conflicts_with = "csv")]
    username: Option<String>,
    /// The e-mail address.
    #[arg(long, required_unless_present = "csv", conflicts_with = "csv")]
    email: Option<String>,
    /// The name of the person.
    #[arg(long, required_unless_present = "csv", conflicts_with = "csv")]
    name: Option<String>,
    /// A field that only this platform has, such as country=GB; for each row of a CSV too.
    #[arg(long, value_name = "FIELD=VALUE")]
    field: Vec<String>,
    /// The person has accepted the terms of the site.
    #[arg(long)]
    accept_terms: bool,
    /// A command that prints the password; without, it is asked for on the terminal.
    #[arg(long, value_name = "COMMAND")]
    password_command: Option<String>,
    /// Only ask the platform what it would complain of; open no account.
    #[arg(long)]
    validate_only: bool,
    #[command(flatten)]
    file: FileArgs,
    /// Check everything and say what would be done and how long it takes; send nothing.
    #[arg(long)]
    dry_run: bool,
    /// One JSON document on stdout.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: Register, quiet: bool) -> Result<u8, Failure> {
    let table = args.file.table()?;
    let fields = args.field.iter().map(|text| pair(text)).collect::<Result<Vec<_>, _>>()?;
    let provider = open::platform(&args.remote)?;
    let support = provider.require_registration()?.support();
    if args.validate_only && support.validate == lms_core::Support::No {
        return Err(Error::unsupported(provider.info().platform, "registration.validate").into());
    }
    match table {
        Some(table) => many(args, fields, provider.as_ref(), &table, quiet).await,
        None => single(args, fields, provider.as_ref()).await,
    }
}

fn pair(text: &str) -> Result<(String, String), Failure> {
    match text.split_once('=') {
        Some((field, value)) if !field.is_empty() => Ok((field.to_owned(), value.to_owned())),
        _ => Err(Failure::Usage(format!("--field {text}: it looks like FIELD=VALUE"))),
    }
}

fn from_command(command: &str) -> Result<Secret, String> {
    printed_by(command).map(Secret::new).map_err(|fault| format!("--password-command: {fault}"))
}

#[derive(Serialize)]
struct Line<'a> {
    email: &'a str,
    outcome: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
}

async fn single(
    args: Register,
    fields: Vec<(String, String)>,
    provider: &dyn LmsProvider,
) -> Result<u8, Failure> {
    let Register {
        username, email, name, accept_terms, password_command, validate_only, dry_run, json, ..
    } = args;
    let (Some(email), Some(name)) = (email, name) else {
        return Err(Failure::Usage("--email and --name are needed".into()));
    };
    if dry_run {
        output::prose(&format!("Would register {email}. Nothing was sent.\n"))?;
        return Ok(DONE);
    }
    let password = match &password_command {
        Some(command) => from_command(command).map_err(Failure::Usage)?,
        None => ask::secret("password of the new account", "say it with --password-command COMMAND").await?,
    };
    let account = NewAccount { username, email, password, name, accepted_terms: accept_terms, fields };
    let (outcome, detail) = match one(provider, &account, validate_only).await? {
        Told::Done(outcome, detail) => (outcome, detail),
        Told::Refused(error) if !json => return Err(refused(error, accept_terms)),
        Told::Refused(error) => (Outcome::Refused, reason(&error)),
    };
    if json {
        output::json(&Line { email: &account.email, outcome: outcome.name(), detail })?;
    } else {
        let cells = vec![account.email.clone(), outcome.name().to_owned(), detail];
        output::prose(&output::table(&[cells]))?;
    }
    Ok(if outcome.is_trouble() { FAILED } else { DONE })
}

/// A refusal for want of consent says how it is given.
fn refused(error: Error, accepted: bool) -> Failure {
    let wants_consent =
        error.fields().iter().any(|(field, _)| matches!(&**field, "honor_code" | "terms_of_service"));
    if accepted || !wants_consent {
        return error.into();
    }
    let advice = "Say --accept-terms once the person has accepted the terms of the site.";
    Failure::Advised(error, advice.to_owned())
}

/// Opens an account, or asks what is wrong with it.
async fn one(provider: &dyn LmsProvider, account: &NewAccount, validate_only: bool) -> Result<Told> {
    let service = provider.require_registration()?;
    if validate_only {
        let complaints = match service.validate(account).await {
            Ok(complaints) => complaints,
            Err(error) => return about_one(error),
        };
        if complaints.is_empty() {
            return Ok(Told::Done(Outcome::Valid, String::new()));
        }
        let error = Error::invalid("the platform would refuse it");
        return Ok(Told::Refused(
            complaints.into_iter().fold(error, |error, (field, said)| error.with_field(field, said)),
        ));
    }
    match service.register(account).await {
        Ok(Registered::AwaitingActivation(_)) => {
            Ok(Told::Done(Outcome::Registered, "to be activated by the link in the mail".to_owned()))
        }
        Ok(_) => Ok(Told::Done(Outcome::Registered, String::new())),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            Ok(Told::Done(Outcome::Already, reason(&error)))
        }
        // The answer was lost: whether there is an account now is looked up, where the platform lets us.
        Err(lost) if lost.kind() == ErrorKind::OutcomeUnknown => Ok(look(provider, account).await),
        Err(error) => about_one(error),
    }
}

async fn look(provider: &dyn LmsProvider, account: &NewAccount) -> Told {
    let unknown =
        || Told::Done(Outcome::Unknown, "the answer was lost; try to sign in before repeating it".to_owned());
    let Some(accounts) = provider.accounts() else { return unknown() };
    let whose = |found: &Account| {
        found.email.as_deref().is_none_or(|email| email.eq_ignore_ascii_case(&account.email))
    };
    match accounts.get(&Subject::Email(account.email.clone())).await {
        Ok(found) if whose(&found) => {
            Told::Done(Outcome::Registered, "the answer was lost; the account was found".to_owned())
        }
        _ => unknown(),
    }
}

fn about_one(error: Error) -> Result<Told> {
    match error.kind() {
        ErrorKind::InvalidInput
        | ErrorKind::AlreadyExists
        | ErrorKind::Conflict
        | ErrorKind::PermissionDenied => Ok(Told::Refused(error)),
        _ => Err(error),
    }
}

/// Where a table says what.
#[derive(Debug, Clone)]
struct Columns {
    username: Option<usize>,
    email: usize,
    name: usize,
    password: Option<usize>,
    native: Vec<(usize, String)>,
    fields: Vec<(String, String)>,
    accepted_terms: bool,
    command: Option<String>,
}

impl Columns {
    fn of(
        table: &Table,
        args: &Register,
        fields: Vec<(String, String)>,
        platform: Platform,
    ) -> Result<Self, Failure> {
        let needed = |names: &[&str]| {
            let missing = names.first().copied().unwrap_or_default();
            table.column(names).ok_or_else(|| table.fault(format!("the column `{missing}` is missing")))
        };
        let email = needed(&["email", "e_mail", "mail"])?;
        let name = needed(&["name", "full_name", "realname"])?;
        let username = table.column(&["username", "user", "user_name", "login"]);
        if username.is_none() && platform != Platform::Stepik {
            return Err(table.fault(format!(
                "the column `username` is missing; accounts of {platform} have a user name"
            )));
        }
        let password = table.column(&["password"]);
        if password.is_none() && args.password_command.is_none() && !args.validate_only && !args.dry_run {
            return Err(
                table.fault("there is no column `password`; say --password-command COMMAND, or add it")
            );
        }
        let headers = table.headers().iter().enumerate();
        let native = headers
            .filter_map(|(at, header)| Some((at, header.trim().strip_prefix("field.")?.to_owned())))
            .collect();
        let (accepted_terms, command) = (args.accept_terms, args.password_command.clone());
        Ok(Self { username, email, name, password, native, fields, accepted_terms, command })
    }

    /// An account; its password may still be missing.
    fn read(&self, row: &Row) -> Result<NewAccount, (usize, &'static str)> {
        let email = row.get(Some(self.email)).ok_or((self.email, "empty"))?;
        if !email.contains('@') || email.contains(char::is_whitespace) {
            return Err((self.email, "no e-mail address"));
        }
        let name = row.get(Some(self.name)).ok_or((self.name, "empty"))?;
        let username = row.get(self.username).map(str::to_owned);
        if let (None, Some(column)) = (&username, self.username) {
            return Err((column, "empty"));
        }
        // A password may begin and end with blanks.
        let password = self.password.and_then(|column| row.cells.get(column)).unwrap_or_default();
        if let (true, None, Some(column)) = (password.is_empty(), &self.command, self.password) {
            return Err((column, "empty; say --password-command for such rows"));
        }
        let native = self
            .native
            .iter()
            .filter_map(|(at, field)| Some((field.clone(), row.get(Some(*at))?.to_owned())));
        let mut fields: Vec<(String, String)> = native.collect();
        for (field, value) in &self.fields {
            if fields.iter().all(|(held, _)| held != field) {
                fields.push((field.clone(), value.clone()));
            }
        }
        Ok(NewAccount {
            username,
            email: email.to_owned(),
            password: Secret::new(password),
            name: name.to_owned(),
            accepted_terms: self.accepted_terms,
            fields,
        })
    }

    /// Reads everything once. Gives the rows, and the accounts.
    fn check(&self, table: &Table) -> Result<(u64, u64), Failure> {
        let (mut faults, mut seen, mut rows, mut accounts) = (Faults::default(), Seen::default(), 0, 0);
        for row in table.rows()? {
            rows += 1;
            match row {
                Err(fault) => faults.add(fault),
                Ok(row) if row.is_empty() => {}
                Ok(row) => match self.read(&row) {
                    Err((column, fault)) => faults.cell(&row, table.header(column), fault),
                    Ok(account) => {
                        let address = Subject::Email(account.email);
                        accounts += u64::from(seen.before(&row, &address, &()) == Before::No);
                    }
                },
            }
        }
        faults.settle(table)?;
        Ok((rows, accounts))
    }

    fn plan(self) -> impl FnMut(&Row) -> Plan<NewAccount> + Send {
        let mut seen = Seen::default();
        move |row| {
            if row.is_empty() {
                return Plan::Told(Outcome::Empty, String::new());
            }
            match self.read(row) {
                Err((_, fault)) => Plan::Told(Outcome::Refused, fault.to_owned()),
                Ok(account) => match seen.before(row, &Subject::Email(account.email.clone()), &()) {
                    Before::No => Plan::Send(account),
                    Before::Same(line) | Before::Other(line) => {
                        Plan::Told(Outcome::Duplicate, format!("the same address as on line {line}"))
                    }
                },
            }
        }
    }
}

#[derive(Serialize)]
struct Summary<'a> {
    remote: &'a str,
    rows: u64,
    outcomes: &'a Tally,
    result: Option<String>,
    seconds: f64,
}

async fn many(
    args: Register,
    fields: Vec<(String, String)>,
    provider: &dyn LmsProvider,
    table: &Table,
    quiet: bool,
) -> Result<u8, Failure> {
    let columns = Columns::of(table, &args, fields, provider.info().platform)?;
    let (rows, accounts) = columns.check(table)?;
    let Register { remote, validate_only, file, dry_run, json, password_command, .. } = args;
    if json && !dry_run && matches!(file.place(table)?, Place::Stdout) {
        return Err(Failure::Usage(
            "--json and the outcomes cannot both go to standard output; say --result FILE".into(),
        ));
    }
    let operation = if validate_only { "registration.validate" } else { "registration.register" };
    let verb = if validate_only { "To check" } else { "To register" };
    let announced = |accounts: u64| {
        let least = provider.planned(operation, accounts);
        let limits = format!(", at least {} by the platform's limits", spoken(least));
        let limits = if least.as_secs() > 0 { limits } else { String::new() };
        format!("{verb} on {remote}: {}{limits}\n", counted(accounts, "account", "accounts"))
    };
    if dry_run {
        output::prose(&format!("{}Nothing was sent.\n", announced(accounts)))?;
        return Ok(DONE);
    }
    let mut journal = file.journal(table)?;
    if !quiet {
        output::note(announced(accounts.saturating_sub(journal.rows())).trim_end());
    }
    let began = Instant::now();
    let doing = if validate_only { "Checking" } else { "Registering" };
    let command = password_command.as_deref();
    drive(Run { rows, doing, quiet }, table, &mut journal, columns.plan(), |accounts| {
        accounts
            .then(move |mut account| async move {
                if let (true, Some(command)) = (account.password.is_empty(), command) {
                    account.password =
                        from_command(command).map_err(|fault| Error::new(ErrorKind::Config, fault))?;
                }
                one(provider, &account, validate_only).await
            })
            .boxed()
    })
    .await?;
    let tally = journal.tally();
    let result = journal.path().map(|path| path.display().to_string());
    if json {
        let seconds = began.elapsed().as_secs_f64();
        output::json(&Summary { remote: &remote, rows: tally.rows(), outcomes: tally, result, seconds })?;
    } else if let Some(result) = result {
        output::prose(&format!("{}\n{result} says what came of each row\n", tally.sentence()))?;
    } else if !quiet {
        output::note(&tally.sentence());
    }
    Ok(if tally.has_trouble() { FAILED } else { DONE })
}
