//! The account's own profile (reference stepik.md 3.1, 3.2), and the accounts of other sites with which
//! people sign in.

use lms_core::{Cursor, Paged, Result, UserId};
use serde_json::json;

use crate::Stepik;
use crate::objects::number;
use crate::wire::{self, Object};

const UPDATE: &str = "accounts.update_profile";

/// What the signed-in account says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The id of the account, which is that of the profile.
    pub user: UserId,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// A sentence about the person.
    pub short_bio: String,
    /// More about the person, as HTML.
    pub details: String,
    /// The language of the site for this account: `en`, `ru`.
    pub language: Option<String>,
    /// Whether others may see it.
    pub private: bool,
}

impl From<wire::Profile> for Profile {
    fn from(native: wire::Profile) -> Self {
        Self {
            user: native.id.into(),
            first_name: native.first_name,
            last_name: native.last_name,
            short_bio: native.short_bio,
            details: native.details,
            language: native.language,
            private: native.is_private,
        }
    }
}

/// What to change in a profile; what is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileChange {
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// A sentence about the person.
    pub short_bio: Option<String>,
    /// More about the person, as HTML.
    pub details: Option<String>,
    /// Whether others may see it.
    pub private: Option<bool>,
}

/// An account of another site with which somebody signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocialAccount {
    /// Its id.
    pub id: u64,
    /// Whose it is here.
    pub user: UserId,
    /// The other site.
    pub provider: String,
    /// The id there.
    pub uid: String,
}

/// Which social accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SocialAccountQuery {
    /// Of this site.
    pub provider: Option<String>,
    /// With this id there.
    pub uid: Option<String>,
    /// Of this user.
    pub user: Option<UserId>,
    /// Where to begin; `None` for the beginning.
    pub from: Option<Cursor>,
}

impl Stepik {
    /// The profile of the signed-in account. It comes along with the answer to who that is. Calls
    /// `GET /api/stepics/1`.
    ///
    /// # Errors
    /// `Unauthenticated` where the platform takes us for a guest.
    pub async fn profile(&self) -> Result<Profile> {
        Ok(self.signed_in("accounts.profile").await?.1.into())
    }

    /// Changes the profile of the signed-in account. Calls `GET` and `PUT /api/profiles/ID`: a PUT
    /// replaces, so the rest is sent back as it is.
    ///
    /// # Errors
    /// `InvalidInput` with complaints by field; `Unauthenticated` for a guest.
    pub async fn update_profile(&self, change: ProfileChange) -> Result<Profile> {
        let ProfileChange { first_name, last_name, short_bio, details, private } = change;
        let given = [
            ("first_name", first_name.map(|text| json!(text))),
            ("last_name", last_name.map(|text| json!(text))),
            ("short_bio", short_bio.map(|text| json!(text))),
            ("details", details.map(|text| json!(text))),
            ("is_private", private.map(|flag| json!(flag))),
        ];
        let fields: Object =
            given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        let me = self.my_id(UPDATE).await?;
        self.change(UPDATE, "profiles", me, "profile", fields).await?;
        Ok(self.one::<wire::Profile>(UPDATE, "profiles", me).await?.into())
    }

    /// Accounts of other sites with which people sign in here. Calls `GET /api/social-accounts`.
    ///
    /// # Errors
    /// `InvalidInput` at once for an id that is no number.
    pub fn social_accounts(&self, query: SocialAccountQuery) -> Result<Paged<SocialAccount>> {
        let SocialAccountQuery { provider, uid, user, from } = query;
        let user = user.map(|id| number(id.as_str(), "user").map(|id| id.to_string())).transpose()?;
        let given = [("provider", provider), ("uid", uid), ("user", user)];
        let filters = given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        let listed = self.listing("accounts.social", "social-accounts", filters, from);
        Ok(listed.try_map(|native: wire::SocialAccount| {
            let wire::SocialAccount { id, user, provider, uid } = native;
            Ok(SocialAccount { id, user: user.into(), provider, uid })
        }))
    }
}
