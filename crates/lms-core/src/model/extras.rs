//! Settings that only one platform knows, kept so that the way back loses nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Platform;

/// What a platform says of a node beyond the neutral model, by platform and native key.
///
/// A provider writes back the extras of its own platform and names those of others in its findings
/// where they change what a learner sees or gets.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Extras(BTreeMap<Platform, BTreeMap<String, Value>>);

impl Extras {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The key under which a reader keeps native fields of a node by their names. Another platform leaves each behind,
    /// and among them is what hides a node from learners: so [`Self::fields`] is named one by one.
    pub const FIELDS: &str = "attributes";

    /// The native fields that platforms other than `target` have set.
    pub fn fields(&self, target: Platform) -> impl Iterator<Item = (Platform, &str)> {
        let others = self.platforms().filter(move |platform| *platform != target);
        others.flat_map(|platform| {
            let fields = self.get(platform, Self::FIELDS).and_then(Value::as_object);
            fields.into_iter().flatten().map(move |(name, _)| (platform, name.as_str()))
        })
    }

    /// Keeps one native setting.
    pub fn set(&mut self, platform: Platform, key: impl Into<String>, value: impl Into<Value>) {
        self.0.entry(platform).or_default().insert(key.into(), value.into());
    }

    /// One native setting.
    pub fn get(&self, platform: Platform, key: &str) -> Option<&Value> {
        self.0.get(&platform)?.get(key)
    }

    /// All settings of one platform, in the order of their keys.
    pub fn of(&self, platform: Platform) -> impl Iterator<Item = (&str, &Value)> {
        self.0.get(&platform).into_iter().flatten().map(|(key, value)| (key.as_str(), value))
    }

    /// The platforms that said something.
    pub fn platforms(&self) -> impl Iterator<Item = Platform> {
        self.0.iter().filter(|(_, settings)| !settings.is_empty()).map(|(platform, _)| *platform)
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.0.values().all(BTreeMap::is_empty)
    }
}
