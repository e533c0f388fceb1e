//! Whom one watches, and how closely: the level of detail of each remote avatar, from where it is and what it does.

use glam::Vec3;
use metaverse_avatar::Level;

use crate::activity::{ActivityProfile, Tier};

/// Where one looks from and to.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Viewpoint {
    /// The eye, in metres.
    pub eye: Vec3,
    /// The direction of view, of unit length.
    pub forward: Vec3,
}

impl Viewpoint {
    pub(crate) fn is_finite(&self) -> bool {
        self.eye.is_finite() && self.forward.is_finite()
    }
}

/// A remote avatar, as far as it matters to how closely it is watched.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Candidate {
    pub position: Vec3,
    pub is_speaking: bool,
    /// How it is watched now.
    pub level: Level,
}

/// How closely to watch an avatar.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Wanted {
    pub level: Level,
    /// Updates a second, at least 1.
    pub rate: u8,
}

impl Wanted {
    /// How an avatar is watched before its viewer has said anything: everything, as often as it is captured.
    pub(crate) const WHATEVER_COMES: Self = Self {
        level: Level::Near,
        rate: 60,
    };

    /// The place alone.
    pub(crate) const PLACE: Self = Self {
        level: Level::Far,
        rate: 1,
    };
}

/// The cosine of half the angle that is in view, wide as on a large screen, with room to turn the head.
const VIEW_COSINE: f32 = 0.5;
/// The cosine of the angle around the direction of view in which an avatar is looked at.
const GAZE_COSINE: f32 = 0.985;
/// What is out of view counts as so many times as far.
const OUT_OF_VIEW: f32 = 2.0;
/// Who speaks counts as so many times as far: heard, they are looked for.
const SPEAKING: f32 = 0.25;
/// Who is looked at counts as so many times as far.
const LOOKED_AT: f32 = 0.5;
/// Out of view within this distance, in metres, one is still felt: a turn of the head shows them at once.
const CLOSE: f32 = 3.0;
/// Whoever is seen at a level counts as so many times as far when it comes to keeping it: no flicker at the border.
const HYSTERESIS: f32 = 0.85;

/// Bytes of an update on its way, with its share of the headers: to keep a budget before anything was measured.
const NEAR_BYTES: f32 = 60.0;
const MIDDLE_BYTES: f32 = 45.0;
const FAR_BYTES: f32 = 30.0;

/// How closely to watch each of `candidates`, in their order. Without a viewpoint everybody counts as equally far.
pub(crate) fn choose(
    profile: &ActivityProfile,
    viewpoint: Option<Viewpoint>,
    candidates: &[Candidate],
) -> Vec<Wanted> {
    let far = Wanted {
        level: Level::Far,
        rate: rate(profile.far_rate),
    };
    let mut wanted = vec![far; candidates.len()];
    let mut budget = Budget::new(profile, candidates.len());
    let mut unseen: Vec<usize> = (0..candidates.len()).collect();
    for (level, tier) in [(Level::Near, profile.near), (Level::Middle, profile.middle)] {
        let mut ranked: Vec<(f32, usize)> = unseen
            .iter()
            .map(|&place| (distance(viewpoint, &candidates[place], level), place))
            .filter(|(distance, _)| *distance <= tier.range)
            .collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
        for &(_, place) in ranked.iter().take(tier.most as usize) {
            if !budget.take(level, &tier) {
                break;
            }
            let rate = rate(tier.rate);
            wanted[place] = Wanted { level, rate };
        }
        unseen.retain(|&place| wanted[place].level == Level::Far);
    }
    wanted
}

/// How far a candidate for `level` counts to be, in metres.
fn distance(viewpoint: Option<Viewpoint>, candidate: &Candidate, level: Level) -> f32 {
    let Some(Viewpoint { eye, forward }) = viewpoint else {
        return 0.0;
    };
    let offset = candidate.position - eye;
    let metres = offset.length();
    let cosine = offset.dot(forward) / metres.max(f32::EPSILON);
    let is_in_view = cosine > VIEW_COSINE || metres < CLOSE;
    let factors = [
        (!is_in_view, OUT_OF_VIEW),
        (cosine > GAZE_COSINE, LOOKED_AT),
        (candidate.is_speaking, SPEAKING),
        (is_as_close(candidate.level, level), HYSTERESIS),
    ];
    factors
        .iter()
        .filter(|(applies, _)| *applies)
        .fold(metres, |metres, (_, factor)| metres * factor)
}

/// Whether who is seen at `now` is seen as closely as at `level`, or more so.
fn is_as_close(now: Level, level: Level) -> bool {
    match level {
        Level::Near => now == Level::Near,
        Level::Middle => now != Level::Far,
        Level::Far => true,
    }
}

/// Updates a second as they are asked for.
fn rate(rate: f32) -> u8 {
    rate.round().max(1.0) as u8
}

/// The bytes a second that are left.
struct Budget {
    left: f32,
    far: f32,
}

impl Budget {
    /// Everybody is seen from afar at least, whatever it costs.
    fn new(profile: &ActivityProfile, candidates: usize) -> Self {
        let far = FAR_BYTES * profile.far_rate;
        Self {
            left: profile.budget as f32 - far * candidates as f32,
            far,
        }
    }

    /// Takes what watching one avatar at this level costs more than from afar.
    fn take(&mut self, level: Level, tier: &Tier) -> bool {
        let bytes = match level {
            Level::Near => NEAR_BYTES,
            Level::Middle => MIDDLE_BYTES,
            Level::Far => FAR_BYTES,
        };
        let cost = (bytes * tier.rate - self.far).max(0.0);
        if cost > self.left {
            return false;
        }
        self.left -= cost;
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VIEWPOINT: Viewpoint = Viewpoint {
        eye: Vec3::ZERO,
        forward: Vec3::NEG_Z,
    };

    fn at(position: Vec3) -> Candidate {
        Candidate {
            position,
            is_speaking: false,
            level: Level::Far,
        }
    }

    fn levels(profile: &ActivityProfile, candidates: &[Candidate]) -> Vec<Level> {
        choose(profile, Some(VIEWPOINT), candidates)
            .iter()
            .map(|wanted| wanted.level)
            .collect()
    }

    #[test]
    fn who_is_near_is_seen_in_full_and_who_is_far_is_a_place() {
        let crowd = [2.0, 15.0, 90.0].map(|z| at(Vec3::new(z / 2.0, 0.0, -z)));
        assert_eq!(
            levels(&ActivityProfile::PARTY, &crowd),
            [Level::Near, Level::Middle, Level::Far]
        );
        assert_eq!(
            levels(&ActivityProfile::PLAIN, &crowd),
            [Level::Near, Level::Near, Level::Near]
        );
    }

    #[test]
    fn who_speaks_or_is_looked_at_comes_nearer_and_who_is_behind_goes_farther() {
        let aside = at(Vec3::new(7.0, 0.0, -8.0));
        let speaking = Candidate {
            is_speaking: true,
            ..aside
        };
        let looked_at = at(Vec3::NEG_Z * 10.6);
        let behind = at(Vec3::Z * 7.0);
        let profile = ActivityProfile::PARTY;
        assert_eq!(
            levels(&profile, &[aside, speaking, looked_at, behind]),
            [Level::Middle, Level::Near, Level::Near, Level::Middle]
        );
    }

    #[test]
    fn the_speaker_of_a_lecture_is_seen_in_full_from_the_last_row() {
        let speaker = Candidate {
            is_speaking: true,
            ..at(Vec3::NEG_Z * 20.0)
        };
        assert_eq!(levels(&ActivityProfile::LECTURE, &[speaker]), [Level::Near]);
    }

    #[test]
    fn no_more_than_the_most_are_seen_in_full_the_nearest_first() {
        let crowd: Vec<Candidate> = (0..100_u8)
            .map(|place| at(Vec3::new(f32::from(place) * 0.05, 0.0, -5.0)))
            .collect();
        let levels = levels(&ActivityProfile::PARTY, &crowd);
        assert!(levels[..16].iter().all(|level| *level == Level::Near));
        assert!(levels[16..].iter().all(|level| *level != Level::Near));
    }

    #[test]
    fn a_small_budget_is_spent_on_the_nearest() {
        let profile = ActivityProfile {
            budget: 3_000,
            ..ActivityProfile::PARTY
        };
        let crowd = [3.0, 1.0, 2.0, 4.0].map(|z| at(Vec3::NEG_Z * z));
        assert_eq!(
            levels(&profile, &crowd),
            [Level::Middle, Level::Near, Level::Near, Level::Far]
        );
    }

    #[test]
    fn a_step_over_the_border_and_back_changes_nothing() {
        let profile = ActivityProfile::PARTY;
        let inside = at(Vec3::new(5.0, 0.0, -5.9));
        let mut candidate = Candidate {
            level: levels(&profile, &[inside])[0],
            ..inside
        };
        assert_eq!(candidate.level, Level::Near);
        candidate.position.z = -6.6;
        assert_eq!(
            levels(&profile, &[candidate]),
            [Level::Near],
            "just outside"
        );
        candidate.position.z = -9.0;
        assert_eq!(levels(&profile, &[candidate]), [Level::Middle]);
    }

    proptest! {
        #[test]
        fn the_limits_hold_for_any_crowd(
            crowd in prop::collection::vec((prop::array::uniform3(-1e6_f32..1e6), any::<bool>(), 0_usize..3), 0..300),
        ) {
            let all = [Level::Near, Level::Middle, Level::Far];
            let crowd: Vec<Candidate> = crowd.into_iter().map(|(position, is_speaking, level)| Candidate {
                position: position.into(),
                is_speaking,
                level: all[level],
            }).collect();
            for profile in [ActivityProfile::LECTURE, ActivityProfile::PARTY] {
                let wanted = choose(&profile, Some(VIEWPOINT), &crowd);
                let count = |level| wanted.iter().filter(|wanted| wanted.level == level).count();
                prop_assert_eq!(wanted.len(), crowd.len());
                prop_assert!(count(Level::Near) <= profile.near.most as usize);
                prop_assert!(count(Level::Middle) <= profile.middle.most as usize);
            }
        }
    }
}
