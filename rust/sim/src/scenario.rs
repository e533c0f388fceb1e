//! What happens in a simulated world, as a TOML file tells it.

use metaverse_space::activity::ActivityProfile;
use serde::Deserialize;
use thiserror::Error;

/// The most members that are simulated: their numbers have 16 bits, and their memory is finite.
const MEMBERS_MOST: usize = 4_096;
/// The longest simulated time, in seconds: a clock in microseconds would go on, nobody would wait for it.
const SECONDS_MOST: f64 = 86_400.0;
/// The least delay between a home and its first router, in milliseconds: members are simulated in windows of twice as much.
const MILE_LEAST: f64 = 0.5;

/// Why a scenario cannot be played.
#[derive(Debug, Error)]
pub enum ScenarioError {
    /// It is no TOML, or has keys or values that mean nothing.
    #[error("the scenario cannot be read: {0}")]
    Unreadable(#[from] toml::de::Error),
    /// A number is out of its range.
    #[error("{key} is {value}, and must be from {least} to {most}")]
    OutOfRange {
        /// Which.
        key: &'static str,
        /// What it is.
        value: f64,
        /// What it may be at least.
        least: f64,
        /// What it may be at most.
        most: f64,
    },
    /// There is no activity of this name.
    #[error("there is no activity named {0:?}")]
    UnknownActivity(String),
    /// Nobody lives anywhere.
    #[error("places must name at least one place where somebody lives")]
    NoPlace,
}

/// A world and what happens in it. What a file does not name is as in a world without faults.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scenario {
    /// How many are in the space.
    pub members: usize,
    /// The activity whose profile they watch each other by: a preset, or "plain".
    pub activity: String,
    /// The share of pairs that cannot reach each other directly.
    pub walls: f64,
    /// The percentage of members that is replaced in a minute.
    pub churn: f64,
    /// By how much ways between two places are longer than the great circle, drawn for each pair.
    pub detour: [f64; 2],
    /// Where people live.
    pub places: Vec<Place>,
    /// How they are connected.
    pub home: Home,
    /// What gets lost on the way.
    pub loss: Loss,
    /// Members that are killed.
    pub crashes: Vec<Crash>,
    /// Times in which a part of the members is cut off from the others.
    pub partitions: Vec<Partition>,
    /// Links that carry nothing, and do not say so.
    pub deaths: Vec<Deaths>,
    /// Members that break the rules.
    pub liars: Vec<Liars>,
}

/// A place where people live.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// How many live there, in relation to the other places.
    pub weight: f64,
}

/// The link of a home to the network.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Home {
    /// Megabits a second that it sends.
    pub up_mbit: f64,
    /// Megabits a second that it receives.
    pub down_mbit: f64,
    /// How much waits in either direction before the rest is dropped, in milliseconds.
    pub buffer_ms: f64,
    /// The delay to the first router, drawn for each member, in milliseconds.
    pub last_mile_ms: [f64; 2],
}

/// Loss in bursts, after Gilbert: a direction of a link loses everything or nothing.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loss {
    /// The share of the time in which everything is lost.
    pub share: f64,
    /// How long a burst of loss is on average, in milliseconds.
    pub burst_ms: f64,
}

/// Members that vanish without a word.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crash {
    /// Seconds after everybody is there.
    pub at: f64,
    /// Who.
    pub who: Victim,
    /// How many at once.
    pub count: usize,
}

/// Who crashes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Victim {
    /// The host, and then others.
    Host,
    /// Members drawn at random.
    Anyone,
}

/// A part of the members is cut off from the others.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partition {
    /// Seconds after everybody is there.
    pub from: f64,
    /// When it is over.
    pub to: f64,
    /// The share of members on the one side.
    pub share: f64,
}

/// Links that die silently.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deaths {
    /// Seconds after everybody is there.
    pub at: f64,
    /// How long they are dead.
    pub seconds: f64,
    /// How many.
    pub pairs: usize,
    /// Whether one direction lives on.
    pub one_way: bool,
}

/// Members that break the rules in one way.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Liars {
    /// How.
    pub kind: Lie,
    /// How many.
    pub count: usize,
}

/// How a member breaks the rules.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lie {
    /// Reports links better than they are.
    Boasts,
    /// Boasts, and carries nothing.
    Drops,
    /// Hands on poses that nobody has sent.
    Forges,
    /// Sends noise besides.
    Babbles,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            members: 16,
            activity: "party".to_owned(),
            walls: 0.0,
            churn: 0.0,
            detour: [1.3, 1.8],
            places: PLACES.to_vec(),
            home: Home::default(),
            loss: Loss::default(),
            crashes: Vec::new(),
            partitions: Vec::new(),
            deaths: Vec::new(),
            liars: Vec::new(),
        }
    }
}

impl Default for Home {
    fn default() -> Self {
        Self {
            up_mbit: 5.0,
            down_mbit: 20.0,
            buffer_ms: 100.0,
            last_mile_ms: [2.0, 10.0],
        }
    }
}

/// Large cities on both sides of the Atlantic, where nothing else is said.
const PLACES: [Place; 8] = [
    place(47.4, 8.5, 2.0),
    place(52.5, 13.4, 3.0),
    place(51.5, -0.1, 3.0),
    place(48.9, 2.4, 3.0),
    place(40.4, -3.7, 2.0),
    place(40.7, -74.0, 2.0),
    place(41.9, -87.6, 1.0),
    place(37.8, -122.4, 1.0),
];

const fn place(latitude: f64, longitude: f64, weight: f64) -> Place {
    Place {
        latitude,
        longitude,
        weight,
    }
}

impl Scenario {
    /// The one that is played where none is named.
    ///
    /// # Errors
    /// Never, as the tests show.
    pub fn usual() -> Result<Self, ScenarioError> {
        Self::read(include_str!("../scenarios/default.toml"))
    }

    /// Reads a scenario and checks that it can be played.
    ///
    /// # Errors
    /// Names the key that is unknown, or the value that is out of its range.
    pub fn read(text: &str) -> Result<Self, ScenarioError> {
        let scenario: Self = toml::from_str(text)?;
        scenario.check()?;
        Ok(scenario)
    }

    /// Checks that every number is in its range.
    ///
    /// # Errors
    /// Names the first one that is not.
    pub fn check(&self) -> Result<(), ScenarioError> {
        self.profile()?;
        within("members", self.members as f64, 2.0, MEMBERS_MOST as f64)?;
        within("walls", self.walls, 0.0, 0.9)?;
        within("churn", self.churn, 0.0, 1_000.0)?;
        within_order("detour", self.detour, 1.0, 10.0)?;
        self.check_places()?;
        let home = &self.home;
        within("home.up_mbit", home.up_mbit, 0.1, 10_000.0)?;
        within("home.down_mbit", home.down_mbit, 0.1, 10_000.0)?;
        within("home.buffer_ms", home.buffer_ms, 5.0, 10_000.0)?;
        within_order("home.last_mile_ms", home.last_mile_ms, MILE_LEAST, 1_000.0)?;
        within("loss.share", self.loss.share, 0.0, 0.9)?;
        let burst_least = if self.loss.share > 0.0 { 1.0 } else { 0.0 };
        within("loss.burst_ms", self.loss.burst_ms, burst_least, 10_000.0)?;
        self.check_happenings()
    }

    fn check_places(&self) -> Result<(), ScenarioError> {
        for place in &self.places {
            within("places.latitude", place.latitude, -90.0, 90.0)?;
            within("places.longitude", place.longitude, -180.0, 180.0)?;
            within("places.weight", place.weight, 0.0, 1e6)?;
        }
        let lived_in = self.places.iter().any(|place| place.weight > 0.0);
        lived_in.then_some(()).ok_or(ScenarioError::NoPlace)
    }

    fn check_happenings(&self) -> Result<(), ScenarioError> {
        let members = self.members as f64;
        for crash in &self.crashes {
            within("crashes.at", crash.at, 0.0, SECONDS_MOST)?;
            within("crashes.count", crash.count as f64, 1.0, members - 1.0)?;
        }
        for partition in &self.partitions {
            within("partitions.from", partition.from, 0.0, SECONDS_MOST)?;
            within("partitions.to", partition.to, partition.from, SECONDS_MOST)?;
            within("partitions.share", partition.share, 0.0, 1.0)?;
        }
        for deaths in &self.deaths {
            within("deaths.at", deaths.at, 0.0, SECONDS_MOST)?;
            within("deaths.seconds", deaths.seconds, 0.0, SECONDS_MOST)?;
            within("deaths.pairs", deaths.pairs as f64, 1.0, members * members)?;
        }
        let liars: usize = self.liars.iter().map(|liars| liars.count).sum();
        within("liars.count", liars as f64, 0.0, members - 1.0)
    }

    /// By what the members watch each other.
    pub(crate) fn profile(&self) -> Result<ActivityProfile, ScenarioError> {
        if self.activity == "plain" {
            return Ok(ActivityProfile::PLAIN);
        }
        ActivityProfile::preset(&self.activity)
            .ok_or_else(|| ScenarioError::UnknownActivity(self.activity.clone()))
    }
}

fn within(key: &'static str, value: f64, least: f64, most: f64) -> Result<(), ScenarioError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(ScenarioError::OutOfRange {
        key,
        value,
        least,
        most,
    })
}

/// Two numbers of which the first is not the greater.
fn within_order(
    key: &'static str,
    [from, to]: [f64; 2],
    least: f64,
    most: f64,
) -> Result<(), ScenarioError> {
    within(key, from, least, most)?;
    within(key, to, from, most)
}
