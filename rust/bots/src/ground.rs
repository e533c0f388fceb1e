//! Where bots walk.

use glam::{Vec2, Vec3};

/// Nearer to others than this, in metres, a bot turns away from them, the more the nearer.
const CLEARANCE: f32 = 1.4;
/// The angle between two spots that fill an ellipse evenly, in radians: the golden one.
const GOLDEN_ANGLE: f32 = 2.399_963;

/// An ellipse of open floor, along the axes x and z, that bots stay on.
#[derive(Clone, Copy, Debug)]
pub struct Ground {
    middle: Vec2,
    half: Vec2,
}

impl Ground {
    /// The ground in a scene of the demo, in front of where its first members arrive; that around the origin in any other.
    pub fn of(scene: &str) -> Self {
        let (middle, half) = match scene {
            // Between the boards and the first desks.
            "classroom" => (Vec2::new(-1.2, -3.2), Vec2::new(3.6, 1.2)),
            // Where the ways meet before the pond.
            "garden" => (Vec2::new(0.0, 7.4), Vec2::new(3.8, 0.9)),
            _ => (Vec2::ZERO, Vec2::splat(4.0)),
        };
        Self { middle, half }
    }

    /// Where the bot with this `number`, of so many, begins.
    pub fn spot(&self, number: u16, count: u16) -> Vec3 {
        let far = ((f32::from(number) + 0.5) / f32::from(count.max(1))).sqrt();
        let spot = Vec2::from_angle(f32::from(number) * GOLDEN_ANGLE) * far;
        let spot = self.middle + spot * self.half;
        Vec3::new(spot.x, 0.0, spot.y)
    }

    /// Where it draws somebody `at` a place, and how much (0 is not at all, 1 is strongly): back to the middle and away
    /// from the `others`.
    pub fn draw(&self, at: Vec3, others: impl Iterator<Item = Vec3>) -> Vec3 {
        let at = Vec2::new(at.x, at.z);
        let off = (at - self.middle) / self.half;
        let back = (-off / self.half).normalize_or_zero() * off.length_squared();
        let away: Vec2 = others
            .map(|other| at - Vec2::new(other.x, other.z))
            .filter(|way| way.length() < CLEARANCE)
            .map(|way| way.normalize_or_zero() * (1.0 - way.length() / CLEARANCE) * 2.0)
            .sum();
        let draw = back + away;
        Vec3::new(draw.x, 0.0, draw.y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_a_spot_of_their_own_on_the_ground() {
        let ground = Ground::of("classroom");
        let spots: Vec<Vec3> = (0..6).map(|number| ground.spot(number, 6)).collect();
        for (at, spot) in spots.iter().enumerate() {
            let off = (Vec2::new(spot.x, spot.z) - ground.middle) / ground.half;
            assert!(off.length() < 1.0);
            assert!(spots[..at].iter().all(|other| other.distance(*spot) > 0.8));
        }
    }

    #[test]
    fn who_strays_is_drawn_back_and_who_is_near_others_away() {
        let ground = Ground::of("");
        let far = Vec3::new(4.5, 0.0, 0.0);
        assert!(ground.draw(far, std::iter::empty()).x < -1.0);
        let near = ground.draw(Vec3::ZERO, std::iter::once(Vec3::new(0.3, 0.0, 0.0)));
        assert!(near.x < -0.5 && near.z.abs() < 1e-6);
        assert_eq!(ground.draw(Vec3::ZERO, std::iter::once(far)), Vec3::ZERO);
    }
}
