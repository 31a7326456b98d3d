//! A session: what a browser has after signing in. Cookies, and a token against forged writes.

mod csrf;

use std::fmt::{self, Debug};
use std::sync::Arc;

use async_trait::async_trait;
use lms_core::{Error, ErrorKind, Result};
use tokio::sync::Mutex;

use self::csrf::Guard;
pub use self::csrf::{Csrf, Referer};
use crate::flight::Rounds;
use crate::{Client, ClientBuilder, CookieJar, Cookies, Credential, Outgoing, Stats, target};

const OPERATION: &str = "session.sign_in";

/// Opens sessions on one platform. Implemented by providers.
#[async_trait]
pub trait SignIn: Debug + Send + Sync {
    /// Signs in by sending through `client`, whose cookies are the session's and which adds the
    /// CSRF token to writes by itself. Called again when the session has ended; never twice at once.
    ///
    /// Requests with passwords must be [`crate::RequestBuilder::sensitive`].
    ///
    /// # Errors
    /// `Unauthenticated` when the platform refuses the account, and what sending may bring. The
    /// request that needed the session fails with it.
    async fn sign_in(&self, client: &Client) -> Result<()>;
}

/// The session of one account, or of a guest, as a credential. Cheap to clone; clones are the same
/// session.
///
/// It is opened by the first request that needs it: however many wait, [`SignIn`] is called once, and
/// its failure is that of all who waited. When the platform does not know the session any more (401,
/// or an answer that the dialect reads as [`ErrorKind::Unauthenticated`]), it is opened anew and the
/// request sent once more; a request that was sent in an older session does not close a newer one.
///
/// Two hosts of one site either share a session, by calling [`Session::serve`] for each, or have
/// sessions of their own in one jar, the second opened [`SessionBuilder::through`] the first.
///
/// ```
/// use std::sync::Arc;
///
/// use async_trait::async_trait;
/// use lms_core::{Platform, Result, Secret};
/// use lms_http::{Client, Csrf, Method, Safety, Session, SignIn};
///
/// #[derive(Debug)]
/// struct Account { name: String, password: Secret }
///
/// #[async_trait]
/// impl SignIn for Account {
///     async fn sign_in(&self, client: &Client) -> Result<()> {
///         let form = [("email", self.name.as_str()), ("password", self.password.expose())];
///         let request = client.request(Method::Post, "/login", Safety::Repeatable).sensitive().form(&form);
///         request.operation("session.sign_in").send().await.map(drop)
///     }
/// }
///
/// # fn example() -> Result<()> {
/// let builder = Client::builder(Platform::OpenEdx, "https://lms.example.org".parse().expect("a constant"));
/// let account = Account { name: "ada".into(), password: Secret::new("…") };
/// let session = Session::builder(builder.clone())
///     .csrf(Csrf::django("/csrf/api/v1/token"))
///     .sign_in(Arc::new(account))
///     .build()?;
/// let client = session.serve(builder)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Session(Arc<Inner>);

struct Inner {
    /// Signs in; adds the CSRF token.
    client: Client,
    guard: Option<Arc<Guard>>,
    jar: CookieJar,
    sign_in: Option<Arc<dyn SignIn>>,
    through: Option<Session>,
    state: Mutex<State>,
    rounds: Rounds,
}

#[derive(Debug, Default)]
struct State {
    open: bool,
    /// How often it was opened, so that the refusal of an earlier one does not close this one.
    generation: u64,
}

/// A session that is open.
struct Opened {
    generation: u64,
    /// It was opened just now.
    fresh: bool,
}

impl Session {
    /// Starts a session on the host of `client`, which is how sign-ins are sent: redirects, limits,
    /// retries and observer are its own. It gets the session's cookies, and must have no credential.
    pub fn builder(client: ClientBuilder) -> SessionBuilder {
        SessionBuilder { client, jar: CookieJar::new(), csrf: None, sign_in: None, through: None }
    }

    /// Makes a client that sends in this session: with its cookies and its CSRF token, on the
    /// session's host or another one of the same site.
    ///
    /// An answer that means "sign in first" must be read as `Unauthenticated` by the client's dialect.
    /// Where that is a redirect to a sign-in page, the client should return redirects
    /// ([`crate::Redirects::Return`]), so that the dialect sees it.
    ///
    /// # Errors
    /// As [`ClientBuilder::build`].
    pub fn serve(&self, client: ClientBuilder) -> Result<Client> {
        client.keep_cookies(Cookies::Shared(self.0.jar.clone())).credential(Arc::new(self.clone())).build()
    }

    /// Signs in if the session is not open. Tells whether the account is good; requests do it by
    /// themselves. A guest has nothing to open.
    ///
    /// # Errors
    /// As [`SignIn::sign_in`].
    pub async fn open(&self) -> Result<()> {
        self.opened().await.map(drop)
    }

    /// The session's cookies, to be shared with a session on another host of the site.
    pub fn cookies(&self) -> &CookieJar {
        &self.0.jar
    }

    /// Requests sent so far for the session itself: sign-ins and CSRF tokens.
    pub fn stats(&self) -> Stats {
        let mut sum = self.0.client.stats();
        if let Some(guard) = &self.0.guard {
            let more = guard.client().stats();
            sum.read += more.read;
            sum.write += more.write;
        }
        sum
    }

    async fn opened(&self) -> Result<Opened> {
        let inner = &*self.0;
        let Some(sign_in) = &inner.sign_in else { return Ok(Opened { generation: 0, fresh: false }) };
        let then = inner.rounds.now();
        // Held while signing in: those who come meanwhile wait for this one sign-in.
        let mut state = inner.state.lock().await;
        if state.open {
            return Ok(Opened { generation: state.generation, fresh: false });
        }
        if let Some(error) = inner.rounds.failed_since(then) {
            return Err(error);
        }
        let result = inner.enter(sign_in.as_ref()).await;
        inner.rounds.end(&result);
        result?;
        state.open = true;
        state.generation += 1;
        Ok(Opened { generation: state.generation, fresh: true })
    }

    /// Forgets the session of this generation, unless a newer one is open.
    async fn close(&self, generation: u64) {
        let mut state = self.0.state.lock().await;
        if state.generation == generation {
            state.open = false;
        }
    }
}

impl Inner {
    async fn enter(&self, sign_in: &dyn SignIn) -> Result<()> {
        let Some(first) = &self.through else { return sign_in.sign_in(&self.client).await };
        let opened = Box::pin(first.opened()).await?;
        match sign_in.sign_in(&self.client).await {
            // The session that it goes through may have ended since it was opened.
            Err(error) if error.kind() == ErrorKind::Unauthenticated && !opened.fresh => {
                first.close(opened.generation).await;
                Box::pin(first.opened()).await?;
                sign_in.sign_in(&self.client).await
            }
            result => result,
        }
    }
}

#[async_trait]
impl Credential for Session {
    async fn apply(&self, request: &mut Outgoing) -> Result<()> {
        let opened = self.opened().await?;
        request.set_mark(opened.generation);
        match &self.0.guard {
            Some(guard) => guard.apply(request).await,
            None => Ok(()),
        }
    }

    async fn rejected(&self, sent: &Outgoing) -> bool {
        self.close(sent.mark()).await;
        self.0.sign_in.is_some()
    }
}

impl Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("origin", &target::origin(self.0.client.base_url()))
            .field("guest", &self.0.sign_in.is_none())
            .finish_non_exhaustive()
    }
}

/// The credential of the session's own client: the CSRF token, and nothing that would need a session.
#[derive(Debug)]
struct Unsigned(Arc<Guard>);

#[async_trait]
impl Credential for Unsigned {
    async fn apply(&self, request: &mut Outgoing) -> Result<()> {
        self.0.apply(request).await
    }

    async fn rejected(&self, _sent: &Outgoing) -> bool {
        false
    }
}

/// Collects what a [`Session`] needs.
#[derive(Clone)]
#[must_use = "nothing is made before `build`"]
pub struct SessionBuilder {
    client: ClientBuilder,
    jar: CookieJar,
    csrf: Option<Csrf>,
    sign_in: Option<Arc<dyn SignIn>>,
    through: Option<Session>,
}

impl SessionBuilder {
    /// Who signs in. Default: nobody, which makes it the session of a guest; opening an account needs
    /// one on Stepik (reference stepik.md 1.5).
    pub fn sign_in(mut self, sign_in: Arc<dyn SignIn>) -> Self {
        self.sign_in = Some(sign_in);
        self
    }

    /// How writes are protected. Default: not at all.
    pub fn csrf(mut self, csrf: Csrf) -> Self {
        self.csrf = Some(csrf);
        self
    }

    /// The jar to keep cookies in. Default: one of its own.
    pub fn cookies(mut self, jar: CookieJar) -> Self {
        self.jar = jar;
        self
    }

    /// Another session that must be open before this one is signed in, such as that of the LMS for
    /// Studio, which signs in by redirects through the LMS (reference openedx.md 1.4). Its cookies are
    /// shared. If the sign-in is refused (`Unauthenticated`), the other is opened anew and it is tried
    /// once more.
    pub fn through(mut self, first: &Session) -> Self {
        self.jar = first.cookies().clone();
        self.through = Some(first.clone());
        self
    }

    /// Checks the settings. Sends nothing; the session is opened when it is needed.
    ///
    /// # Errors
    /// `Config` when the client has a credential, and as [`ClientBuilder::build`].
    pub fn build(self) -> Result<Session> {
        let Self { client, jar, csrf, sign_in, through } = self;
        let client = client.keep_cookies(Cookies::Shared(jar.clone()));
        let plain = client.clone().build()?;
        if plain.0.credential.is_some() {
            let message = "the client that opens a session must not have a credential";
            return Err(Error::new(ErrorKind::Config, message).at(plain.platform(), OPERATION));
        }
        let guard = csrf.map(|csrf| Arc::new(Guard::new(csrf, jar.clone(), plain.clone())));
        let client = match &guard {
            Some(guard) => client.credential(Arc::new(Unsigned(Arc::clone(guard)))).build()?,
            None => plain,
        };
        let (state, rounds) = (Mutex::default(), Rounds::default());
        Ok(Session(Arc::new(Inner { client, guard, jar, sign_in, through, state, rounds })))
    }
}

impl Debug for SessionBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionBuilder")
            .field("csrf", &self.csrf)
            .field("guest", &self.sign_in.is_none())
            .finish_non_exhaustive()
    }
}
