//! Messages of every kind from arbitrary parts, and what may happen to them on the way.

use std::{net::SocketAddr, time::Duration};

use bolero::TypeGenerator;
use metaverse_protocol::{
    announcement::{Announcement, AnnouncementFrame, AnnouncementKind},
    control::{Bulk, Control, Follow, GameMessage, Listed, Need, Refusal, Side, Watch, Welcome},
    id::{AvatarId, ContentHash, Epoch, MemberNumber, PeerId, SpaceId},
    invite::Invite,
    limits::{INVITE_ADDRESSES, INVITE_CONTACTS, RIG_BYTES, TOPIC_BYTES, WITNESSES},
    name::{Name, Tag},
    profile::{Contact, MemberRecord, Profile, SpaceDescription, Visibility},
    quality::{LinkQuality, LinkReport, LossStep, RoundTripStep},
    rights::{Admission, Certificate, Chain, Permission, Standing},
    sign::{Identity, Signed},
    time::UnixSeconds,
    vote::Vote,
};

/// What the messages of a test are made of.
#[derive(Debug, TypeGenerator)]
pub struct Parts {
    pub kind: u8,
    secret: [u8; 32],
    pub id: [u8; 32],
    pub small: u16,
    pub middle: u32,
    pub large: u64,
    flag: bool,
    pub text: String,
    pub bytes: Vec<u8>,
    addresses: Vec<(bool, [u8; 16], u16)>,
    links: u8,
}

impl Parts {
    fn identity(&self) -> Identity {
        Identity::from_secret(&self.secret)
    }

    pub fn space(&self) -> SpaceId {
        self.identity().space_id()
    }

    fn addresses(&self) -> Vec<SocketAddr> {
        let address = |&(four, ip, port): &(bool, [u8; 16], u16)| {
            if four {
                SocketAddr::from(([ip[0], ip[1], ip[2], ip[3]], port))
            } else {
                SocketAddr::from((ip, port))
            }
        };
        self.addresses.iter().map(address).collect()
    }

    fn contact(&self) -> Contact {
        Contact {
            peer: PeerId(self.id),
            addresses: self.addresses(),
        }
    }

    pub fn profile(&self) -> Signed<Profile> {
        let profile = Profile {
            revision: self.middle,
            name: Name::clean(&self.text),
            image: self.flag.then_some(ContentHash(self.id)),
            addresses: self.addresses().into_iter().take(8).collect(),
        };
        Signed::new(&self.identity(), &profile)
    }

    pub fn permission(&self) -> Permission {
        Permission {
            space: self.space(),
            serial: self.large,
            uses: self.flag.then_some(self.middle),
            expires: (!self.flag).then_some(UnixSeconds(self.large)),
        }
    }

    /// Delegations by the space's key to itself.
    fn chain(&self) -> Chain {
        (0..self.links % 4).fold(Chain::default(), |chain, _| {
            chain
                .delegate(&self.identity(), self.space(), self.identity().peer_id())
                .expect("short")
        })
    }

    fn vote(&self) -> Signed<Vote> {
        let vote = Vote {
            space: self.space(),
            epoch: Epoch(self.middle),
            round: u32::from(self.small),
            candidate: PeerId(self.id),
        };
        Signed::new(&self.identity(), &vote)
    }

    fn standing(&self) -> Standing {
        Standing {
            epoch: Epoch(self.middle),
            sequence: u32::from(self.small),
        }
    }

    fn admission(&self) -> Certificate<Admission> {
        let admission = Admission {
            space: self.space(),
            peer: PeerId(self.id),
            number: MemberNumber(self.small),
            standing: self.standing(),
        };
        Certificate::new(self.chain(), &self.identity(), &admission)
    }

    fn record(&self) -> MemberRecord {
        MemberRecord {
            admission: self.admission(),
            profile: self.profile(),
        }
    }

    fn description(&self) -> SpaceDescription {
        SpaceDescription {
            id: self.space(),
            name: Name::clean(&self.text),
            visibility: if self.flag {
                Visibility::Public
            } else {
                Visibility::Private
            },
            capacity: self.small,
            activity: Tag::clean(&self.text),
            scene: Tag::default(),
        }
    }

    fn welcome(&self) -> Welcome {
        Welcome {
            description: Certificate::new(self.chain(), &self.identity(), &self.description()),
            admission: self.admission(),
            chain: self.chain(),
            epoch: Epoch(self.middle),
            host: MemberNumber(self.small),
            latest: self.standing(),
            space_time: self.large,
            roster: vec![self.listed(); self.bytes.len() % 4],
            more: self.small,
            forwarders: vec![MemberNumber(self.small); self.bytes.len() % 4],
            permissions_used: self
                .bytes
                .iter()
                .map(|&byte| (self.large ^ u64::from(byte), self.middle))
                .collect(),
        }
    }

    fn listed(&self) -> Listed {
        Listed {
            record: self.record(),
            announced: self.large,
        }
    }

    fn refusal(&self) -> Refusal {
        match self.small % 8 {
            0 => Refusal::WrongSpace,
            1 => Refusal::InvalidPermission,
            2 => Refusal::Expired,
            3 => Refusal::UsedUp,
            4 => Refusal::Full,
            5 => Refusal::InvalidProfile,
            6 => Refusal::Busy,
            _ => Refusal::NoHost,
        }
    }

    /// A message of the kind with this number on the wire.
    pub fn control(&self, kind: u8) -> Control {
        let (number, epoch, reason) = (
            MemberNumber(self.small),
            Epoch(self.middle),
            self.text.clone(),
        );
        match kind {
            0 => Control::Join {
                space: self.space(),
                permission: Certificate::new(self.chain(), &self.identity(), &self.permission()),
                profile: self.profile(),
            },
            1 => Control::Welcome(Box::new(self.welcome())),
            2 => Control::Roster(vec![self.listed(); self.bytes.len() % 4]),
            3 => Control::Refused(self.refusal()),
            4 => Control::Redirect(self.contact()),
            5 => Control::Meet {
                record: Box::new(self.record()),
                number,
                received: self.large,
                available: u64::from(self.middle),
            },
            6 => Control::Received { count: self.large },
            7 => Control::Profile(self.profile()),
            8 => Control::Admitted(self.record()),
            9 => Control::Removed {
                number,
                may_return: self.flag,
                reason,
            },
            10 => Control::Ask(number),
            11 => Control::Side {
                side: Side {
                    host: PeerId(self.id),
                    epoch,
                    followers: self.small,
                },
                record: self.flag.then(|| Box::new(self.record())),
            },
            12 => Control::HostLost { epoch },
            13 => Control::HostClaim {
                epoch,
                chain: self.chain(),
                votes: vec![self.vote(); usize::from(self.kind) % (WITNESSES + 1)],
            },
            14 => Control::PermissionUsed {
                serial: self.large,
                count: self.middle,
            },
            15 => Control::Avatar {
                avatar: AvatarId(self.small),
                rig: Some(self.bytes.clone()).filter(|rig| rig.len() <= RIG_BYTES),
            },
            16 => Control::Watch(vec![Watch {
                avatar: AvatarId(self.small),
                level: self.kind,
                rate: self.kind,
            }]),
            17 => Control::Links(vec![LinkReport {
                to: number,
                quality: self.flag.then(|| LinkQuality {
                    is_relayed: self.large.is_multiple_of(2),
                    round_trip: RoundTripStep::of(Duration::from_micros(u64::from(self.middle))),
                    loss: LossStep::of(self.small.into()),
                }),
            }]),
            18 => Control::Over(self.flag.then_some(number)),
            19 => Control::Successors(vec![number; usize::from(self.kind) % (WITNESSES + 1)]),
            20 => Control::Vote(self.vote()),
            21 => Control::Forwarders(vec![number; self.bytes.len() % 4]),
            22 => Control::Need(Need {
                open: self.flag,
                poses: self.large.is_multiple_of(2),
                home: self.large.is_multiple_of(3),
            }),
            23 => Control::Serving(vec![number; self.bytes.len() % 4]),
            24 => Control::Follow(vec![Follow {
                member: number,
                avatar: AvatarId(self.small),
                level: self.kind,
                rate: self.kind,
            }]),
            25 => Control::AvatarOf {
                member: number,
                avatar: AvatarId(self.small),
                rig: Some(self.bytes.clone()).filter(|rig| rig.len() <= RIG_BYTES),
            },
            _ => Control::Leave { reason },
        }
    }

    pub fn bulk(&self, kind: u8) -> Bulk {
        let hash = ContentHash(self.id);
        match kind {
            0 => Bulk::Request(hash),
            1 => Bulk::Image {
                hash,
                bytes: self.bytes.clone(),
            },
            _ => Bulk::Missing(hash),
        }
    }

    pub fn announcement(&self, kind: u8) -> AnnouncementFrame {
        let number = MemberNumber(self.small);
        match kind {
            0 => {
                let kind = if self.flag {
                    AnnouncementKind::Control
                } else {
                    AnnouncementKind::Message
                };
                let body = self.bytes.clone();
                let identity = self.identity();
                let said =
                    Announcement::new(&identity, self.space(), number, self.large, kind, body);
                AnnouncementFrame::Said(said)
            }
            1 => AnnouncementFrame::Heard(vec![(number, self.large); self.bytes.len() % 4]),
            _ => AnnouncementFrame::Begins(number, self.large),
        }
    }

    pub fn game_message(&self) -> GameMessage {
        let topic = self.text.chars().take(TOPIC_BYTES / 4).collect();
        GameMessage {
            topic,
            private: self.flag,
            data: self.bytes.clone(),
        }
    }

    pub fn invite(&self) -> Invite {
        let contact = Contact {
            addresses: self
                .addresses()
                .into_iter()
                .take(INVITE_ADDRESSES)
                .collect(),
            ..self.contact()
        };
        Invite {
            space: self.space(),
            permission: Certificate::new(self.chain(), &self.identity(), &self.permission()),
            contacts: vec![contact; 1 + self.bytes.len() % INVITE_CONTACTS],
        }
    }
}

/// Bytes changed, cut off and appended.
#[derive(Debug, TypeGenerator)]
pub struct Damage {
    changes: Vec<(u16, u8)>,
    cut: Option<u16>,
    appended: Vec<u8>,
}

impl Damage {
    pub fn done_to(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        for (at, value) in self.changes.iter().take(4) {
            let at = usize::from(*at) % bytes.len();
            bytes[at] = *value;
        }
        if let Some(cut) = self.cut {
            bytes.truncate(usize::from(cut) % bytes.len());
        }
        if self.changes.is_empty() {
            bytes.extend(&self.appended);
        }
        bytes
    }
}
