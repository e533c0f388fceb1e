//! How well a member would serve as host: the same facts give the same score everywhere.

use std::time::Duration;

use metaverse_protocol::quality::LinkQuality;

/// What is known of a member.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) struct Facts {
    /// The median round trip of its links; `None` if nothing is known of them.
    pub round_trip: Option<Duration>,
    /// The share of datagrams, 0 to 1, that are lost on its links, on average.
    pub loss: f32,
    /// The share of the other members, 0 to 1, to whom it has a link that needs nobody's help.
    pub reachability: f32,
    /// How long it has been a member.
    pub online: Duration,
}

/// The round trip at which half of what a round trip counts is lost.
const USUAL_ROUND_TRIP: f32 = 0.1;
/// The loss at which half of what loss counts is lost.
const USUAL_LOSS: f32 = 0.05;
/// The time after which half of what time counts is won: who has just come may be gone as soon.
const USUAL_STAY: f32 = 120.0;

impl Facts {
    /// The facts of a member with these links among `others`.
    pub(crate) fn of_links(links: &[LinkQuality], others: usize, online: Duration) -> Self {
        let mut round_trips: Vec<_> = links.iter().map(|link| link.round_trip.time()).collect();
        round_trips.sort_unstable();
        let count = links.len().max(1) as f32;
        Self {
            round_trip: round_trips.get(round_trips.len() / 2).copied(),
            loss: links.iter().map(|link| link.loss.share()).sum::<f32>() / count,
            reachability: count / others.max(1) as f32,
            online,
        }
    }

    /// 0 to 1; more is better. Reachability counts as a factor, for a host that members do not reach is none; the others
    /// count by thirds of the rest.
    pub(crate) fn score(&self) -> f32 {
        let near = self
            .round_trip
            .map_or(0.0, |time| falling(time.as_secs_f32(), USUAL_ROUND_TRIP));
        let sound = falling(self.loss, USUAL_LOSS);
        let lasting = 1.0 - falling(self.online.as_secs_f32(), USUAL_STAY);
        self.reachability.clamp(0.0, 1.0) * (near + sound + lasting) / 3.0
    }
}

/// One at zero, half at `usual`, and less beyond.
fn falling(value: f32, usual: f32) -> f32 {
    usual / (usual + value.max(0.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn facts() -> impl Strategy<Value = Facts> {
        (0_u64..2_000, 0.0_f32..1.0, 0.0_f32..1.0, 0_u64..100_000).prop_map(
            |(round_trip, loss, reachability, online)| Facts {
                round_trip: Some(Duration::from_millis(round_trip)),
                loss,
                reachability,
                online: Duration::from_secs(online),
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_better_in_one_way_is_not_worse_in_all(facts in facts(), millis in 1_u64..1_000, share in 0.01_f32..0.5) {
            let score = facts.score();
            prop_assert!((0.0..=1.0).contains(&score));
            let farther = facts.round_trip.map(|time| time + Duration::from_millis(millis));
            let worse = [
                Facts { round_trip: farther, ..facts },
                Facts { round_trip: None, ..facts },
                Facts { loss: facts.loss + share, ..facts },
                Facts { reachability: facts.reachability - share, ..facts },
            ];
            for worse in worse {
                prop_assert!(worse.score() <= score, "{:?}", worse);
            }
            let longer = Facts { online: facts.online + Duration::from_millis(millis), ..facts };
            prop_assert!(longer.score() >= score);
        }
    }
}
