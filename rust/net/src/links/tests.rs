//! Links over real endpoints on this machine, with partners that keep to the rules and others that do not.

mod closing;
mod crossing;
mod lanes;
mod malformed;
mod meeting;
mod not_reading;
mod refusing;

use std::time::Duration;

use iroh::{
    EndpointAddr, EndpointId, SecretKey, TransportAddr,
    endpoint::{Connection, SendStream, presets},
};
use metaverse_protocol::{ALPN, sign::Identity};

use super::*;
use crate::{Statistics, over_members, random};

/// Longer than anything here takes; whoever waits longer has failed.
const LONG: Duration = Duration::from_secs(20);

/// An endpoint of a new identity.
async fn bound() -> Endpoint {
    let secret = random::secret().expect("randomness");
    let local = Identity::from_secret(&secret).peer_id();
    let (over_members, _) = over_members::over_members(local, &Arc::default());
    endpoint::bind(&secret, over_members)
        .await
        .expect("a socket")
}

/// A peer as the driver has it, without a machine.
struct Node {
    links: Links,
    room: watch::Sender<bool>,
    backlog: Arc<Backlog>,
    counters: Arc<Counters>,
}

impl Node {
    async fn new() -> Self {
        let endpoint = bound().await;
        let (room, backlog, counters) = (
            watch::Sender::new(true),
            Arc::<Backlog>::default(),
            Arc::default(),
        );
        let links = Links::new(
            endpoint,
            Reach::Internet,
            room.subscribe(),
            Arc::clone(&backlog),
            Arc::clone(&counters),
        );
        links.open();
        Self {
            links,
            room,
            backlog,
            counters,
        }
    }

    fn id(&self) -> PeerId {
        self.links.local()
    }

    /// Where it is reached on this machine.
    fn addresses(&self) -> Vec<SocketAddr> {
        self.links
            .addresses()
            .into_iter()
            .filter(|address| address.ip().is_loopback())
            .collect()
    }

    fn dial(&mut self, other: &Self) {
        self.links.dial(other.id(), other.addresses(), false);
    }

    /// The next thing that happens, other than news about paths and addresses.
    async fn next(&mut self) -> Input {
        loop {
            let input = timeout(LONG, self.links.next())
                .await
                .expect("something happens");
            if !matches!(input, Input::Path { .. } | Input::Addresses(_)) {
                return input;
            }
        }
    }

    async fn connected(&mut self) -> PeerId {
        match self.next().await {
            Input::Connected { peer } => peer,
            other => panic!("not connected: {other:?}"),
        }
    }

    async fn disconnected(&mut self) -> (PeerId, CloseReason) {
        match self.next().await {
            Input::Disconnected { peer, reason } => (peer, reason),
            other => panic!("not disconnected: {other:?}"),
        }
    }

    async fn frame(&mut self) -> (Lane, Bytes) {
        match self.next().await {
            Input::Frame { lane, bytes, .. } => (lane, bytes),
            other => panic!("not a frame: {other:?}"),
        }
    }

    fn statistics(&self) -> Statistics {
        self.counters.read()
    }
}

/// Two peers with a link between them.
async fn pair() -> (Node, Node) {
    let (mut one, mut other) = (Node::new().await, Node::new().await);
    one.dial(&other);
    let (at_one, at_other) = tokio::join!(one.connected(), other.connected());
    assert_eq!((at_one, at_other), (other.id(), one.id()));
    (one, other)
}

/// Proves that a link works in both directions.
async fn assert_alive(one: &mut Node, other: &mut Node) {
    let ping = Bytes::from_static(b"are you there?");
    for lane in Lane::ALL {
        one.links.send(other.id(), lane, ping.clone());
        assert_eq!(other.frame().await, (lane, ping.clone()));
        other.links.send(one.id(), lane, ping.clone());
        assert_eq!(one.frame().await, (lane, ping.clone()));
    }
}

/// A peer that does as it likes, on iroh alone.
struct Rogue {
    endpoint: Endpoint,
}

impl Rogue {
    async fn new(alpn: &[u8]) -> Self {
        let secret = SecretKey::from_bytes(&random::secret().expect("randomness"));
        let builder = Endpoint::builder(presets::Minimal)
            .secret_key(secret)
            .alpns(vec![alpn.to_vec()]);
        Self {
            endpoint: builder.bind().await.expect("a socket"),
        }
    }

    fn id(&self) -> PeerId {
        endpoint::peer_id(&self.endpoint)
    }

    fn addresses(&self) -> Vec<SocketAddr> {
        let sockets = self.endpoint.bound_sockets();
        Reach::Internet.told(std::iter::empty(), &sockets)
    }

    /// A connection to `node`, which takes it for a link.
    async fn link(&self, node: &mut Node) -> Connection {
        let connection = self.connect(node).await;
        assert_eq!(node.connected().await, self.id());
        connection
    }

    async fn connect(&self, node: &Node) -> Connection {
        self.endpoint
            .connect(address(node), ALPN)
            .await
            .expect("a connection")
    }
}

fn address(node: &Node) -> EndpointAddr {
    let id = EndpointId::from_bytes(&node.id().0).expect("a key");
    EndpointAddr::from_parts(id, node.addresses().into_iter().map(TransportAddr::Ip))
}

/// Opens a lane as anybody would, and writes `bytes` after its tag.
async fn lane(connection: &Connection, lane: Lane, bytes: &[u8]) -> SendStream {
    stream(connection, &[&[lane.tag()], bytes].concat()).await
}

async fn stream(connection: &Connection, bytes: &[u8]) -> SendStream {
    let mut stream = connection.open_uni().await.expect("a stream");
    stream.write_all(bytes).await.expect("room");
    stream
}
