//! What a machine counts of wrongs and losses.

/// Declares the counters, and lists them by name.
macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// What the machine has counted of wrongs and losses.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
        pub struct Counters { $($(#[$doc])* pub $name: u64),* }

        impl Counters {
            /// Each counter with its name.
            pub fn entries(&self) -> impl Iterator<Item = (&'static str, u64)> {
                [$((stringify!($name), self.$name)),*].into_iter()
            }
        }
    };
}

counters! {
    /// Datagrams that were not understood.
    malformed_datagrams,
    /// Frames that were not understood.
    malformed_frames,
    /// Datagrams dropped because their sender sent too many.
    flooded_datagrams,
    /// Datagrams and frames from peers that are not members.
    unauthorized,
    /// Poses that came after a newer one of the same avatar.
    late_poses,
    /// Poses that were not understood: malformed, from another time, or predicted from one that did not arrive.
    undecodable_poses,
    /// Poses of the game's own that were no poses of the skeleton they were given for.
    rejected_poses,
    /// Skeletons of others that were malformed.
    malformed_rigs,
    /// Images that were too large, corrupt or not what their hash says.
    rejected_images,
    /// Requests, for images and of the shared state, that were not answered because there were too many.
    flooded_requests,
    /// Newcomers that were not looked at because there were too many, or they asked too often.
    flooded_joins,
    /// Messages given up because their receiver took none for too long.
    lost_messages,
    /// Shared values of others that were dropped as there is no room for them, and own ones for which there was none after
    /// all.
    refused_values,
    /// Shared values dropped because they were written far in the future.
    values_from_the_future,
    /// Comparisons in which another member's shared state was found to differ.
    state_differences,
    /// Packets of others that were carried.
    packets_carried,
    /// Packets that were not carried because their sender wanted too many carried.
    flooded_packets,
    /// Packets, own or to be carried, whose receiver cannot be reached straight from here.
    packets_without_way,
    /// Datagrams that were not believed to come from whom they were said to be handed on from.
    unbelieved_datagrams,
    /// Votes for a host that were not valid here, or no longer.
    invalid_votes,
    /// Claims to be host that nobody has voted for.
    invalid_claims,
    /// Members found to have voted for two hosts at once.
    double_voters,
    /// Reports of links to who is not a member here.
    ignored_reports,
    /// Peers sent away for what they sent.
    peers_closed,
}
