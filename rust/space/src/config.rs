//! Times and amounts by which a space keeps order, with the reason for each.

use std::time::Duration;

/// How often a link is pinged: four chances within [`SILENCE`], and little traffic.
pub const PING_INTERVAL: Duration = Duration::from_millis(750);
/// A link that is silent for so long is dead. With the verdict of the host a killed peer is off all lists within 5 s.
pub const SILENCE: Duration = Duration::from_millis(3_500);
/// How long the host may say nothing before a witness pings it, and how often it does then.
pub const WATCH_PAUSE: Duration = Duration::from_millis(60);
/// Pings in a row that the host leaves unanswered before a witness takes it for gone, where nothing is lost: 240 ms,
/// longer than most bursts of loss.
pub const WATCH_PINGS: u32 = 4;
/// How unlikely as many unanswered pings in a row must be by chance, where some are lost.
pub const WATCH_CHANCE: f32 = 0.001;
/// How long a witness waits for a successor to follow before it votes for the next one: a round trip and a half.
pub const CANDIDATE_PATIENCE: Duration = Duration::from_millis(400);
/// How long a vote counts: those who lose the host lose it together.
pub const VOTE_LIFETIME: Duration = Duration::from_millis(800);
/// The least votes that make a host: one alone may just have lost its own connection.
pub const QUORUM_LEAST: usize = 2;
/// How often the host looks whether others would follow it better.
pub const SUCCESSORS_INTERVAL: Duration = Duration::from_millis(500);
/// By what part a member must have a better score to be named before one that is named.
pub const SUCCESSOR_GAIN: f32 = 0.3;
/// Numbers that a successor leaves out for the last host, which may have given them without everyone having heard, and for
/// each member before it in the order of standing, who may be host elsewhere.
pub const NUMBERS_LEFT_OUT: u16 = 16;
/// By what part the first successor must have a better score than the host to get its office.
pub const OFFICE_GAIN: f32 = 0.3;
/// For how long it must have.
pub const OFFICE_PATIENCE: Duration = Duration::from_secs(30);
/// How long a host serves before it gives its office to a better one: each change costs a link in the chains of those
/// who come after it.
pub const OFFICE_TERM: Duration = Duration::from_mins(5);
/// How long after a round trip the answer to a ping or the receipt of poses is overdue: the receipt's delay, a burst of
/// loss, and little enough that a dead way is left within a second.
pub const ANSWER_PATIENCE: Duration = Duration::from_millis(300);
/// How long a way is not trusted again after an answer was overdue.
pub const STEADY: Duration = Duration::from_secs(1);
/// How long nothing came straight from a member before poses are taken that another says to hand on from it.
pub const STRAIGHT_SILENCE: Duration = Duration::from_millis(250);
/// How long nothing more is believed of who handed on what was not sent.
pub const LIAR_PATIENCE: Duration = Duration::from_secs(30);
/// How long a silent way is pinged more often than usual.
pub const WORRY: Duration = Duration::from_secs(4);
/// How often members tell each other how good their links are, if that has changed.
pub const REPORT_INTERVAL: Duration = Duration::from_secs(1);
/// Steps by which a round trip must have changed to be told: two are 10 %.
pub const REPORT_STEPS: u8 = 2;
/// By how much the share of lost datagrams must have changed to be told.
pub const REPORT_LOSS: f32 = 0.05;
/// By how much less a way over another member must take than the straight one, to be worth that member's trouble.
pub const DETOUR_GAIN: f64 = 0.95;
/// By how much less another way must take than the present one over a member, so that ways do not flap.
pub const WAY_GAIN: f64 = 0.97;
/// How long a carrier is passed over for a member after its answers did not come.
pub const CARRIER_DOUBT: Duration = Duration::from_secs(10);
/// How long a newcomer looks for somebody who answers: "unreachable" is said within 10 s.
pub const REACH_TIMEOUT: Duration = Duration::from_secs(9);
/// How long a newcomer that has reached somebody waits to be admitted.
pub const ADMISSION_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a newcomer waits before it asks again where there was no host, and a member before it asks again to be followed: an
/// election takes less than a second.
pub const ASK_AGAIN: Duration = Duration::from_millis(500);
/// How long the longer-standing of two members waits for the other's dial before it dials itself.
pub const DIAL_PATIENCE: Duration = Duration::from_secs(1);
/// The pause before a failed dial between members is tried again; doubled up to [`DIAL_PAUSE_MOST`].
pub const DIAL_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause between dials.
pub const DIAL_PAUSE_MOST: Duration = Duration::from_secs(8);
/// How long a stranger's link may stay open without a valid introduction.
pub const INTRODUCTION_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a successor counts the members it does not reach as votes against it: time for a member that was cut off
/// to learn that the others went on without it.
pub const ELECTION_PATIENCE: Duration = Duration::from_secs(4);
/// Messages kept of somebody who claims to be host before the old one is found lost: a second's worth at most.
pub const HELD_MESSAGES: usize = CONTROL_PER_SECOND as usize;
/// How long a member that was lost may come back with its old admission, and is dialled by the host: a router that starts
/// again takes less.
pub const ABSENCE: Duration = Duration::from_mins(1);
/// The pause between dials of a member that was lost.
pub const ABSENT_PAUSE: Duration = Duration::from_secs(1);
/// How long a member is not reached before the host is asked whether it is one: the host removes whom it has lost in half
/// of that.
pub const MISSING: Duration = Duration::from_secs(7);
/// By how much the epoch of a member that follows may be ahead of the host's: one for each host that it has had while it
/// was cut off, and few enough that a liar does not use them up.
pub const EPOCHS_AHEAD: u32 = 64;
/// How often two hosts that meet tell each other how many follow them, until one gives up its office.
pub const SIDE_PAUSE: Duration = Duration::from_secs(1);
/// How often a host takes a later epoch from those who follow it: each time all are told.
pub const EPOCH_PAUSE: Duration = Duration::from_secs(1);
/// How long a member without any link to the host, who is not to succeed, stays before it gives up.
pub const HOSTLESS_TIMEOUT: Duration = Duration::from_secs(15);
/// Hosts that a newcomer lets itself be sent to before it gives up following.
pub const REDIRECTS: usize = 8;
/// Strangers' links at a time: more are turned away, so that members keep the memory.
pub const STRANGERS: usize = 64;

/// Datagrams a second that one peer may send: 60 poses of several avatars, pings, what it carries from others, and room
/// for bursts.
pub const DATAGRAMS_PER_SECOND: u32 = 1_200;
/// Packets a second that are carried for one member: poses and words for a few others, and a picture now and then.
pub const CARRIED_PER_SECOND: u32 = 400;
/// Newcomers a second that a host looks at: a class that comes in together takes a second or two, and checking signatures
/// and telling everyone does not hold up the others.
pub const JOINS_PER_SECOND: u32 = 64;
/// How often in a second one peer may ask to be admitted: it waits half a second before it asks again.
pub const JOINS_PER_PEER: u32 = 4;
/// Control frames a second from one peer: a host that admits a whole space at once stays below.
pub const CONTROL_PER_SECOND: u32 = 200;
/// Frames a second from one peer on the message and bulk lanes; QUIC's flow control bounds their bytes.
pub const FRAMES_PER_SECOND: u32 = 2_000;
/// How often a member may change its profile, in a minute.
pub const PROFILES_PER_MINUTE: u32 = 30;

/// How often links, homes and forwarders are looked after where a space is no full mesh: a home that does not answer is
/// left within a few times that.
pub const TOPOLOGY_INTERVAL: Duration = Duration::from_millis(100);
/// How often a member compares with those who hand on to it what was announced.
pub const HEARD_INTERVAL: Duration = Duration::from_secs(5);
/// How often in a minute a peer may tell what it has heard, and be sent what it lacks: thrice as often as that.
pub const HEARD_PER_MINUTE: u32 = 36;
/// How long a home is kept though another forwarder would be preferred: so long it takes the others to follow a change.
pub const HOME_STAY: Duration = Duration::from_secs(5);
/// How long a link stays open that nobody needs: who passes by may turn round.
pub const IDLE_LINK: Duration = Duration::from_secs(5);
/// Links that a member has to others that it watches closely; with two forwarders they are 24.
pub const CLOSE_LINKS: usize = 22;
/// The fewest forwarders: one may vanish, and another with it.
pub const FORWARDERS_LEAST: usize = 3;
/// Members for each forwarder, itself among them: usually, and at most before others are named.
pub const SERVED_USUAL: usize = 16;
/// See [`SERVED_USUAL`].
pub const SERVED_MOST: usize = 20;
/// How often a forwarder hands on poses: what comes in between shares a datagram.
pub const CROWD_INTERVAL: Duration = Duration::from_millis(50);
/// How often a pose is handed on that nobody confirms: three in a row are seldom lost.
pub const CROWD_REPEATS: u8 = 3;
/// Within which time everybody's place is handed on to members, and to other forwarders.
pub const PLACES_INTERVAL: Duration = Duration::from_secs(2);
/// See [`PLACES_INTERVAL`].
pub const PLACES_TO_FELLOWS: Duration = Duration::from_millis(500);
/// Streams of avatars that one member may want handed on.
pub const FOLLOWED_STREAMS: usize = 4_096;
/// Announcements kept for those who lack some: half a minute of a lively space.
pub const ANNOUNCEMENTS: usize = 4_096;
/// Their bytes.
pub const ANNOUNCEMENT_BYTES: usize = 4 * 1024 * 1024;
/// Announcements kept of members that the host has yet to tell of.
pub const EARLY_ANNOUNCEMENTS: usize = 64;
/// The bytes that each of them may take.
pub const EARLY_BYTES: usize = 16 * 1024;

/// How long after a bundle of poses its receipt goes at the latest: one beat at 20 poses a second and a frame at 60, so that
/// it rides along with one's own poses where both sides move. In a packet of its own it would cost two, as QUIC
/// acknowledges it.
pub const RECEIPT_DELAY: Duration = Duration::from_millis(75);
/// How long after a round trip a pose that was not confirmed is sent again: the receipt's delay, and a little more.
pub const RESEND: Duration = Duration::from_millis(100);
/// How long after an avatar's place its body is sent: the skeleton, which goes another way, is there by then.
pub const RIG_PATIENCE: Duration = Duration::from_millis(30);
/// How much earlier than it is due an update may go: half of the usual time between captures, so that on average the
/// rate that was asked for comes out.
pub const UPDATE_TOLERANCE: Duration = Duration::from_millis(25);
/// How long an update that is due waits for a newer pose to be captured: more than the usual time between captures.
pub const CAPTURE_PATIENCE: Duration = Duration::from_millis(70);
/// Poses by which one may be predicted that are remembered for each viewer.
pub const REFERENCES: usize = 16;
/// Poses that are sent without any answer before they are no longer predicted from what was once confirmed: a second's worth.
pub const UNANSWERED: u32 = 20;
/// Poses older than this are not named any more: the ticks in datagrams wrap after 65 s.
pub const REFERENCE_AGE: Duration = Duration::from_secs(20);
/// Poses captured longer ago, or so far ahead, are not from this stay.
pub const STALE: Duration = Duration::from_secs(5);
/// How often it is decided anew how closely each avatar is watched: at a walk one comes 0.4 m closer.
pub const WATCH_INTERVAL: Duration = Duration::from_millis(250);
/// Images kept: 64 KiB each, so 16 MiB at most.
pub const IMAGES: usize = 256;
/// How long an image may take to come before somebody else is asked.
pub const IMAGE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long who did not have an image is not asked again for it.
pub const IMAGE_PAUSE: Duration = Duration::from_secs(1);
/// Images that one peer may ask for in a minute: a whole space's at once.
pub const IMAGES_PER_MINUTE: u32 = 2 * IMAGES as u32;
/// Messages that may wait for one member before it counts as a laggard: half of what may wait for all.
pub const OUTBOX_MESSAGES: usize = 512;
/// Bytes of messages that may wait for one member before it counts as a laggard: half of what may wait for all.
pub const OUTBOX_BYTES: usize = 2 * 1024 * 1024;
/// How long a laggard may take nothing before its link is given up, so that the others' messages get through.
pub const LAGGARD_PATIENCE: Duration = Duration::from_secs(2);
/// How long any member may take nothing: a game that hangs while it loads is back by then.
pub const OUTBOX_PATIENCE: Duration = Duration::from_secs(30);
/// Messages after which the receiver confirms at once, well before the sender's outbox is crowded.
pub const CONFIRM_MESSAGES: u64 = 64;
/// How soon a message is confirmed at the latest: who says goodbye waits for that.
pub const CONFIRM_DELAY: Duration = Duration::from_millis(50);
/// Bytes of messages after which the receiver confirms at once.
pub const CONFIRM_BYTES: usize = 256 * 1024;
/// Permissions whose uses are counted; the oldest is forgotten only when its space has issued so many.
pub const PERMISSIONS: usize = 4_096;

/// How far ahead of ours the stamp of a shared value may be: far beyond what honest clocks are apart.
pub const STAMP_AHEAD: Duration = Duration::from_secs(30);
/// How far the clock of a newcomer is put right at once: longer than any welcome travels.
pub const CLOCK_FIRST_STEP: Duration = Duration::from_secs(10);
/// The part of the time passed by which a clock is put right afterwards, one in so many: a hundred times the drift of a
/// quartz, and too little to lead others astray.
pub const CLOCK_SLEW: u32 = 100;
/// How often changes of the shared state are sent: a key that changes in each frame travels 20 times a second.
pub const STATE_INTERVAL: Duration = Duration::from_millis(50);
/// Bytes gathered for one frame of the state lane.
pub const STATE_FRAME: usize = 32 * 1024;
/// Bytes of the shared state under way to one member until it says that it has taken them: 20 Mbit/s at a round trip of
/// 100 ms, and what waits for all members of a full mesh stays within a few MiB.
pub const STATE_WINDOW: u64 = 256 * 1024;
/// Bytes after which it says so.
pub const STATE_TAKEN: u64 = STATE_WINDOW / 4;
/// How often the state is compared, each time with another member.
pub const STATE_STEP: Duration = Duration::from_secs(2);
/// How old a write is when it is first compared: by then it has arrived, unless it was lost.
pub const STATE_SETTLE: Duration = Duration::from_secs(4);
/// Writes younger than that; more are compared at once, which at worst costs a few KiB.
pub const STATE_RECENT: usize = 32 * 1024;
/// How long an erased key is remembered: some two hundred comparisons, so that no member has it still.
pub const ERASED_LIFETIME: Duration = Duration::from_mins(10);
/// Steps for which the state may be over its limit before what was written last is given up: erasures that make room may
/// come later than what they make room for.
pub const OVERFULL_STEPS: u32 = 3;
/// Comparisons that a member may ask for in a second.
pub const COMPARISONS_PER_SECOND: u32 = 4;
/// Snapshots that a member may ask for in a minute: one, and some for links that break.
pub const SNAPSHOTS_PER_MINUTE: u32 = 6;
/// How long a newcomer waits for the next piece of the snapshot before it asks somebody else.
pub const SNAPSHOT_PATIENCE: Duration = Duration::from_secs(5);
