use super::*;
use crate::config::{CONNECTIONS, HANDSHAKES};

#[tokio::test]
async fn a_peer_in_no_space_answers_nobody() {
    let mut one = Node::new().await;
    let other = Node::new().await;
    other.links.is_open.store(false, Ordering::Relaxed);
    one.dial(&other);
    match timeout(Duration::from_secs(3), one.next())
        .await
        .expect("soon")
    {
        Input::DialFailed { peer, error } => {
            assert_eq!((peer, error), (other.id(), DialError::Unreachable));
        }
        unexpected => panic!("{unexpected:?}"),
    }
    assert_eq!(other.statistics().incoming_refused, 1);
}

#[tokio::test]
async fn whoever_is_out_of_reach_is_refused() {
    let counters = Arc::<Counters>::default();
    let endpoint = bound().await;
    let (room, target) = (watch::Sender::new(true), endpoint.clone());
    let links = Links::new(
        endpoint,
        Reach::RelayOnly,
        room.subscribe(),
        Arc::default(),
        Arc::clone(&counters),
    );
    links.open();
    let rogue = Rogue::new(ALPN).await;
    let sockets = target.bound_sockets();
    let addresses = Reach::Internet
        .told(std::iter::empty(), &sockets)
        .into_iter()
        .map(TransportAddr::Ip);
    let result = rogue
        .endpoint
        .connect(EndpointAddr::from_parts(target.id(), addresses), ALPN)
        .await;
    assert!(result.is_err());
    assert!(counters.read().incoming_refused >= 1);
    assert_eq!(counters.read().links_opened, 0);
}

#[tokio::test]
async fn a_crowd_at_the_door_does_not_keep_friends_from_talking() {
    let (mut node, mut friend) = pair().await;
    let crowd = HANDSHAKES + 40;
    let mut tasks = JoinSet::new();
    for _ in 0..crowd {
        let target = address(&node);
        tasks.spawn(async move {
            let rogue = Rogue::new(ALPN).await;
            let result = rogue.endpoint.connect(target, ALPN).await;
            (rogue, result)
        });
    }
    let mut finished = Vec::new();
    let mut connected = 0;
    while finished.len() < crowd || connected < finished.iter().filter(|is_in| **is_in).count() {
        tokio::select! {
            Some(result) = tasks.join_next(), if !tasks.is_empty() => {
                let (rogue, result) = result.expect("no panic");
                finished.push(result.is_ok());
                drop(rogue);
            }
            input = node.next() => match input {
                Input::Connected { .. } => connected += 1,
                Input::Disconnected { .. } => {}
                unexpected => panic!("{unexpected:?}"),
            },
        }
    }
    assert!(connected > 0);
    assert!(node.links.meetings.len() <= CONNECTIONS);
    node.links.send(
        friend.id(),
        Lane::Control,
        Bytes::from_static(b"still here"),
    );
    assert_eq!(friend.frame().await.1, Bytes::from_static(b"still here"));
}
