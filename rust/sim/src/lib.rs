//! Many members of a space in virtual time: the machines of `metaverse-space` as they are, on a network that is made up.
//!
//! [`play`] lets a [`Scenario`] happen and measures what became of it. The same scenario and seed give the same run to the
//! byte, whatever [`Crew`] does the work.
//!
//! # The model
//! - **Delay**: each member lives at a place; a packet takes both last miles, and light in fibre along the great circle,
//!   made longer by a factor that is drawn for each pair. So there are pairs between which a third is the quicker way.
//! - **Homes**: either direction of a home's link is a queue with a rate and a bounded room; what finds none is dropped.
//!   Reliable traffic is paced as by an ideal congestion control: it waits in the home while half of the room is taken.
//! - **Loss**: each direction of each pair loses everything for a while and then nothing (Gilbert and Elliott's model with
//!   the extremes of its probabilities), in continuous time.
//! - **Bytes**: a packet has 20 bytes of IPv4, 8 of UDP and 28 of QUIC; a further frame in it has 3. What a member sends to
//!   another in the same moment shares a packet of up to 1,200 bytes. Every second packet is acknowledged at once and the
//!   others after 25 ms, with what goes there anyway (10 bytes) or alone (66).
//! - **Lanes**: pieces of 1,100 bytes, each sent again when it was not acknowledged after one and a half round trips and
//!   25 ms, twice that, and so on. A link on which nothing is heard for 5 s has failed.
//! - **Dials**: two round trips; straight first, and 0.4 s later over members too. Of two at once the one of the smaller id
//!   stays. Packets over members are handed to the machine, sealed.
//! - **Clocks** of members differ by up to a quarter of an hour and run at the same pace.
//! - **People**: a walk of 56 bones 20 times a second in groups of 17 and villages of 4 groups; four times a second the
//!   place they look from; something said to all every 5 s.
//!
//! Time goes on in windows that are no longer than any packet is under way. So what members do in one window does not
//! depend on what others do in it.

mod agenda;
mod chance;
mod crowd;
mod findings;
mod journal;
mod liar;
mod link;
mod member;
mod net;
mod scenario;
mod transport;
mod wire;
mod world;

pub use findings::Figures;
pub use member::Member;
pub use scenario::{
    Crash, Deaths, Home, Liars, Lie, Loss, Partition, Place, Scenario, ScenarioError, Victim,
};
pub use world::{Alone, Crew, play};
