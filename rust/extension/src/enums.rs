//! The enums of the Godot API, registered as enums of their classes: `MetaversePeer.State.IN_SPACE`.

use godot::{
    meta::{
        FromGodot, GodotConvert, ToGodot,
        conv::ByValue,
        error::ConvertError,
        shape::{EnumeratorShape, GodotShape},
    },
    obj::GodotClass,
    prelude::*,
    register::{
        private::constant::{ConstantKind, ExportConstant, IntegerConstant},
        property::{Export, Var},
    },
};
use metaverse_space::io;

use crate::{peer::MetaversePeer, space_options::MetaverseSpaceOptions};

/// Declares an enum of a class; each variant with the name the inspector shows, and its help.
macro_rules! class_enum {
    ($(#[$doc:meta])* $class:ident.$name:ident { $(#[doc = $help:literal] $variant:ident = $shown:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
        pub enum $name {
            #[default]
            $(#[doc = $help] $variant),*
        }

        impl $name {
            const ENUMERATORS: &[EnumeratorShape] = &[$(EnumeratorShape::new_int($shown, Self::$variant as i64)),*];

            fn register() {
                let enumerators = [$(IntegerConstant::new(&constant_name($shown), Self::$variant as i64)),*];
                let kind = ConstantKind::Enum { name: StringName::from(stringify!($name)), enumerators: enumerators.into() };
                ExportConstant::new($class::class_id(), kind).register();
                #[cfg(feature = "docs")]
                add_help::<$class>(stringify!($name), &[$(($shown, $help)),*]);
            }
        }

        impl GodotConvert for $name {
            type Via = i64;

            fn godot_shape() -> GodotShape {
                GodotShape::Enum {
                    variant_type: VariantType::INT,
                    enumerators: Self::ENUMERATORS.into(),
                    godot_name: Some(concat!(stringify!($class), ".", stringify!($name)).into()),
                    is_bitfield: false,
                }
            }
        }

        impl ToGodot for $name {
            type Pass = ByValue;

            fn to_godot(&self) -> i64 {
                *self as i64
            }
        }

        impl FromGodot for $name {
            fn try_from_godot(value: i64) -> Result<Self, ConvertError> {
                match value {
                    $(value if value == Self::$variant as i64 => Ok(Self::$variant),)*
                    _ => Err(ConvertError::new(concat!("no such ", stringify!($name)))),
                }
            }
        }

        impl Var for $name {
            type PubType = Self;

            fn var_get(field: &Self) -> i64 {
                field.to_godot()
            }

            fn var_set(field: &mut Self, value: i64) {
                *field = Self::from_godot(value);
            }

            fn var_pub_get(field: &Self) -> Self {
                *field
            }

            fn var_pub_set(field: &mut Self, value: Self) {
                *field = value;
            }
        }

        impl Export for $name {}
    };
}

class_enum! {
    /// Where a peer is between being off and being in a space.
    MetaversePeer.State {
        /// Not started.
        Offline = "Offline",
        /// Getting ready to be reached.
        Starting = "Starting",
        /// Ready to create or join a space.
        Online = "Online",
        /// On the way into a space.
        Joining = "Joining",
        /// In a space.
        InSpace = "In Space",
        /// On the way out of a space, or giving up joining one.
        Leaving = "Leaving",
    }
}

class_enum! {
    /// How far a peer reaches.
    MetaversePeer.Reach {
        /// Everywhere.
        Internet = "Internet",
        /// The local network only: neither calls nor answers beyond it.
        LocalNetwork = "Local Network",
        /// Over relay servers only, so that members do not learn the own IP address. Needs a relay.
        RelayOnly = "Relay Only",
    }
}

class_enum! {
    /// How a member is reached.
    MetaversePeer.PathKind {
        /// Not, or not yet.
        Unknown = "Unknown",
        /// Straight.
        Direct = "Direct",
        /// Over a relay server.
        Relay = "Relay",
        /// Over another member.
        Forwarded = "Forwarded",
    }
}

class_enum! {
    /// Why a space was not joined.
    MetaversePeer.JoinError {
        /// The invite is damaged, incomplete, or none at all.
        InvalidInvite = "Invalid Invite",
        /// Nobody that the invite names answers.
        Unreachable = "Unreachable",
        /// The host says no.
        Refused = "Refused",
        /// The space has as many members as it takes.
        Full = "Full",
        /// The others have another version of the addon.
        Incompatible = "Incompatible",
        /// The others answer too slowly.
        TimedOut = "Timed Out",
        /// The player changed their mind.
        Cancelled = "Cancelled",
        /// The invite's time, or its number of uses, is over.
        Expired = "Expired",
        /// The player was sent away for good.
        Banned = "Banned",
    }
}

class_enum! {
    /// Whether a space is listed.
    MetaverseSpaceOptions.Visibility {
        /// Listed for everyone.
        Public = "Public",
        /// Entered by invite only.
        Private = "Private",
    }
}

/// Makes the enums known to Godot. After the classes, which Godot must know by then.
pub(crate) fn register() {
    State::register();
    Reach::register();
    PathKind::register();
    JoinError::register();
    Visibility::register();
}

/// Adds the enumerators' descriptions to the editor's help, which gdext does for everything else.
#[cfg(feature = "docs")]
fn add_help<T: GodotClass>(name: &str, enumerators: &[(&str, &str)]) {
    use godot::private::{__GODOT_DOCS_REGISTRY, DocsItem, DocsShard, InherentImplDocs};

    // The value is Godot's own, which it knows by the name.
    let constants: Vec<String> = enumerators
        .iter()
        .map(|(shown, help)| {
            let constant = constant_name(shown);
            format!(
                r#"<constant name="{constant}" value="0" enum="{name}">{}</constant>"#,
                help.trim()
            )
        })
        .collect();
    let docs = InherentImplDocs {
        constants_xml: constants.concat().leak(),
        ..InherentImplDocs::default()
    };
    let mut registry = __GODOT_DOCS_REGISTRY
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    registry.push(DocsShard::new::<T>(DocsItem::InherentImpl(docs)));
}

/// `In Space` as a constant: `IN_SPACE`.
fn constant_name(shown: &str) -> String {
    shown.to_uppercase().replace(' ', "_")
}

impl From<Reach> for metaverse_net::Reach {
    fn from(reach: Reach) -> Self {
        match reach {
            Reach::Internet => Self::Internet,
            Reach::LocalNetwork => Self::LocalNetwork,
            Reach::RelayOnly => Self::RelayOnly,
        }
    }
}

impl From<io::PathKind> for PathKind {
    fn from(path: io::PathKind) -> Self {
        match path {
            io::PathKind::Unknown => Self::Unknown,
            io::PathKind::Direct => Self::Direct,
            io::PathKind::Relay => Self::Relay,
            io::PathKind::Forwarded => Self::Forwarded,
        }
    }
}

impl From<io::JoinError> for JoinError {
    fn from(error: io::JoinError) -> Self {
        match error {
            io::JoinError::InvalidInvite => Self::InvalidInvite,
            io::JoinError::Unreachable => Self::Unreachable,
            io::JoinError::Refused => Self::Refused,
            io::JoinError::Full => Self::Full,
            io::JoinError::Incompatible => Self::Incompatible,
            io::JoinError::TimedOut => Self::TimedOut,
            io::JoinError::Cancelled => Self::Cancelled,
            io::JoinError::Expired => Self::Expired,
            io::JoinError::Banned => Self::Banned,
        }
    }
}

impl From<Visibility> for metaverse_protocol::profile::Visibility {
    fn from(visibility: Visibility) -> Self {
        match visibility {
            Visibility::Public => Self::Public,
            Visibility::Private => Self::Private,
        }
    }
}

impl From<metaverse_protocol::profile::Visibility> for Visibility {
    fn from(visibility: metaverse_protocol::profile::Visibility) -> Self {
        match visibility {
            metaverse_protocol::profile::Visibility::Public => Self::Public,
            metaverse_protocol::profile::Visibility::Private => Self::Private,
        }
    }
}
