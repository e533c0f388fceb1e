//! Who can be reached: which addresses are told, dialled and listened to.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use metaverse_protocol::limits::ADDRESSES;

use crate::config::DIALLED_ADDRESSES;

/// How far a peer reaches.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Reach {
    /// Everyone whose address is known.
    #[default]
    Internet,
    /// Only this machine and the local network.
    LocalNetwork,
    /// Only over a relay, so that other members learn no IP address.
    RelayOnly,
}

impl Reach {
    /// Whether somebody at `ip` may be told of, dialled or answered.
    pub(crate) fn includes(self, ip: IpAddr) -> bool {
        match self {
            Self::Internet => true,
            Self::LocalNetwork => is_local(ip.to_canonical()),
            Self::RelayOnly => false,
        }
    }

    /// The addresses to tell others, best first, from those of the interfaces and of the bound sockets. The addresses
    /// of this machine alone come last: with them two games on one machine meet without any network.
    pub(crate) fn told(
        self,
        interfaces: impl Iterator<Item = SocketAddr>,
        sockets: &[SocketAddr],
    ) -> Vec<SocketAddr> {
        let loopback: Vec<_> = sockets.iter().map(on_this_machine).collect();
        let mut told: Vec<_> = interfaces
            .filter(|address| self.includes(address.ip()) && is_dialable(address))
            .collect();
        told.retain(|address| !loopback.contains(address));
        told.sort_by_key(|address| (rank(address.ip()), *address));
        told.dedup();
        told.truncate(ADDRESSES.saturating_sub(loopback.len()));
        told.extend(loopback);
        told.truncate(ADDRESSES);
        told
    }

    /// The addresses, out of those that somebody told, that are dialled.
    pub(crate) fn dialled(self, told: Vec<SocketAddr>) -> Vec<SocketAddr> {
        let within = told
            .into_iter()
            .filter(|address| self.includes(address.ip()) && is_dialable(address));
        within.take(DIALLED_ADDRESSES).collect()
    }
}

fn on_this_machine(socket: &SocketAddr) -> SocketAddr {
    let ip = match socket.ip() {
        IpAddr::V4(_) => IpAddr::from([127, 0, 0, 1]),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(ip, socket.port())
}

fn is_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// Whether a packet can go there. Link-local IPv6 cannot: which interface is meant does not travel with it.
fn is_dialable(address: &SocketAddr) -> bool {
    if address.port() == 0 {
        return false;
    }
    match address.ip().to_canonical() {
        IpAddr::V4(ip) => !(ip.is_unspecified() || ip.is_multicast() || ip.is_broadcast()),
        IpAddr::V6(ip) => !(ip.is_unspecified() || ip.is_multicast() || ip.is_unicast_link_local()),
    }
}

/// IPv4 first because more routers know it; what only reaches this machine last.
fn rank(ip: IpAddr) -> u8 {
    match ip {
        _ if ip.is_loopback() => 3,
        IpAddr::V4(ip) if ip.is_link_local() => 2,
        IpAddr::V4(_) => 0,
        IpAddr::V6(_) => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts
            .iter()
            .map(|text| text.parse().expect("an address"))
            .collect()
    }

    #[test]
    fn this_machine_s_own_addresses_come_last_and_always() {
        let interfaces: Vec<_> = (1..20)
            .map(|n| SocketAddr::from(([10, 0, 0, n], 5)))
            .collect();
        let told =
            Reach::Internet.told(interfaces.into_iter(), &addresses(&["0.0.0.0:5", "[::]:6"]));
        assert_eq!(told.len(), ADDRESSES);
        assert_eq!(
            told[ADDRESSES - 2..],
            addresses(&["127.0.0.1:5", "[::1]:6"])
        );
    }

    #[test]
    fn a_machine_without_a_network_tells_its_loopback_address() {
        let told = Reach::Internet.told(std::iter::empty(), &addresses(&["0.0.0.0:5"]));
        assert_eq!(told, addresses(&["127.0.0.1:5"]));
    }

    #[test]
    fn a_local_peer_neither_tells_nor_dials_public_addresses() {
        let all = [
            "192.168.1.2:5",
            "93.184.216.34:5",
            "[2001:db8::1]:5",
            "[fd00::1]:5",
            "[::ffff:8.8.8.8]:5",
        ];
        let local = addresses(&["192.168.1.2:5", "[fd00::1]:5"]);
        assert_eq!(Reach::LocalNetwork.dialled(addresses(&all)), local);
        let told =
            Reach::LocalNetwork.told(addresses(&all).into_iter(), &addresses(&["0.0.0.0:5"]));
        assert_eq!(
            told,
            addresses(&["192.168.1.2:5", "[fd00::1]:5", "127.0.0.1:5"])
        );
    }

    #[test]
    fn nonsense_is_not_dialled() {
        let nonsense = addresses(&[
            "0.0.0.0:5",
            "224.0.0.1:5",
            "255.255.255.255:5",
            "[::]:5",
            "[fe80::1]:5",
            "1.2.3.4:0",
        ]);
        assert_eq!(Reach::Internet.dialled(nonsense), []);
    }
}
