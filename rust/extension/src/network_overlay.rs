//! `MetaverseNetworkOverlay`.

use std::f32::consts::{FRAC_PI_2, TAU};

use godot::{
    classes::{Control, Font, IControl, StyleBoxFlat},
    global::HorizontalAlignment,
    init::is_editor_hint,
    prelude::*,
    register::property::PhantomVar,
};

use crate::{
    enums::PathKind,
    network::{Network, Person, Way},
    peer::MetaversePeer,
    peer_link::PeerLink,
};

/// How often it is looked what has changed, in seconds.
const LOOK: f64 = 0.5;
/// Members that are drawn; more would not be readable.
const DRAWN: usize = 32;
/// Letters of a name that are drawn.
const LETTERS: usize = 14;
/// Round trips up to which a way is good, and up to which it is fair, in milliseconds.
const GOOD_MS: f64 = 80.0;
const FAIR_MS: f64 = 200.0;

const GROUND: Color = Color::from_rgba(0.07, 0.09, 0.13, 0.92);
const TEXT: Color = Color::from_rgb(0.95, 0.96, 0.98);
const DIM: Color = Color::from_rgb(0.72, 0.76, 0.83);
const FAINT: Color = Color::from_rgba(0.75, 0.8, 0.9, 0.16);
const GOOD: Color = Color::from_rgb(0.45, 0.88, 0.6);
const FAIR: Color = Color::from_rgb(1.0, 0.8, 0.36);
const POOR: Color = Color::from_rgb(1.0, 0.52, 0.42);
const OWN: Color = Color::from_rgb(0.42, 0.7, 1.0);

/// Draws who is connected to whom in the space, live: for developers, and for players who wonder.
///
/// The local player is at the top of a circle, the others follow by number. A whole line is a direct link, a dashed one goes
/// over a relay server, and a dotted one over the member that it touches, which has a ring as it carries. Colour and the
/// number at the end tell the round trip; faint lines are the links of the others among themselves.
/// The host is marked as such. Needs about 320 x 300 pixels; with more than 32 members it draws the first 32 and tells how
/// many more there are.
#[derive(GodotClass)]
#[class(tool, init, base = Control)]
pub struct MetaverseNetworkOverlay {
    /// The peer whose space is drawn. Empty means the only [MetaversePeer] in the tree.
    #[export]
    #[var(get = get_peer, set = set_peer)]
    peer: PhantomVar<Option<Gd<MetaversePeer>>>,

    peer_link: PeerLink,
    shown: Option<Network>,
    #[init(val = LOOK)]
    since_look: f64,
    base: Base<Control>,
}

#[godot_api]
impl MetaverseNetworkOverlay {
    #[func]
    fn get_peer(&self) -> Option<Gd<MetaversePeer>> {
        self.peer_link.given()
    }

    #[func]
    fn set_peer(&mut self, peer: Option<Gd<MetaversePeer>>) {
        self.peer_link.give(peer.as_ref());
        self.base_mut().update_configuration_warnings();
    }
}

#[godot_api]
impl IControl for MetaverseNetworkOverlay {
    fn process(&mut self, delta: f64) {
        if is_editor_hint() || !self.base().is_visible_in_tree() {
            return;
        }
        self.since_look += delta;
        if self.since_look < LOOK {
            return;
        }
        self.since_look = 0.0;
        let node = self.to_gd().upcast();
        let peer = self.peer_link.resolve(&node);
        let network = peer.and_then(|peer| peer.bind().network());
        let network = network.map(Network::shown);
        if network != self.shown {
            self.shown = network;
            self.base_mut().queue_redraw();
        }
    }

    fn draw(&mut self) {
        let size = self.base().get_size();
        let shown = self.shown.take();
        let mut canvas = Canvas::new(self.to_gd().upcast(), size);
        canvas.ground();
        match &shown {
            Some(network) => canvas.network(network),
            None => canvas.nobody(),
        }
        self.shown = shown;
    }

    fn get_minimum_size(&self) -> Vector2 {
        Vector2::new(320.0, 300.0)
    }

    fn get_configuration_warnings(&self) -> PackedStringArray {
        let node = self.to_gd().upcast();
        self.peer_link
            .warning_if_alone(&node)
            .or_else(|| self.peer_link.warning(&node))
            .into_iter()
            .map(GString::from)
            .collect()
    }
}

/// What is drawn on.
struct Canvas {
    control: Gd<Control>,
    font: Option<Gd<Font>>,
    text_size: i32,
    size: Vector2,
    centre: Vector2,
    radius: f32,
}

impl Canvas {
    fn new(control: Gd<Control>, size: Vector2) -> Self {
        let text_size = control.get_theme_default_font_size().clamp(11, 16);
        let line = text_size as f32;
        let (above, below) = (3.6 * line, 4.6 * line);
        let room = Vector2::new(size.x - 16.0 * line, size.y - above - below);
        Self {
            font: control.get_theme_default_font(),
            control,
            text_size,
            size,
            centre: Vector2::new(size.x / 2.0, above + (size.y - above - below) / 2.0),
            radius: (room.x.min(room.y) / 2.0).max(3.0 * line),
        }
    }

    fn line_height(&self) -> f32 {
        self.text_size as f32
    }

    fn ground(&mut self) {
        let mut ground = StyleBoxFlat::new_gd();
        ground.set_bg_color(GROUND);
        ground.set_corner_radius_all(10);
        let whole = Rect2::new(Vector2::ZERO, self.size);
        self.control.draw_style_box(&ground, whole);
    }

    fn nobody(&mut self) {
        let place = self.size / 2.0;
        self.text("Not in a space", place, HorizontalAlignment::CENTER, DIM);
    }

    fn network(&mut self, network: &Network) {
        let drawn = &network.people[..network.people.len().min(DRAWN)];
        let places: Vec<(i64, Vector2)> = drawn
            .iter()
            .enumerate()
            .map(|(at, person)| (person.number, self.place(at, drawn.len())))
            .collect();
        let place = |number: i64| {
            let found = places.iter().find(|(other, _)| *other == number);
            found.map(|(_, place)| *place)
        };
        let (own, reported): (Vec<Way>, Vec<Way>) = network
            .ways
            .iter()
            .partition(|way| way.from == network.local());
        for way in &reported {
            let is_own = way.to == network.local();
            if let (false, Some(from), Some(to)) = (is_own, place(way.from), place(way.to)) {
                self.line(&[from, to], way.path, FAINT, 1.0);
            }
        }
        for way in &own {
            if let (Some(from), Some(to)) = (place(way.from), place(way.to)) {
                let over = place(way.over).filter(|_| way.over != 0);
                let stops: Vec<Vector2> =
                    [Some(from), over, Some(to)].into_iter().flatten().collect();
                self.line(&stops, way.path, color(way.round_trip_ms), 2.5);
            }
        }
        for (at, person) in drawn.iter().enumerate() {
            let way = own.iter().find(|way| way.to == person.number);
            self.person(network, person, places[at].1, way);
        }
        self.heading(network, drawn.len());
        self.legend();
    }

    fn place(&self, at: usize, count: usize) -> Vector2 {
        let angle = TAU * at as f32 / count as f32 - FRAC_PI_2;
        self.centre + Vector2::from_angle(angle) * self.radius
    }

    /// Whole, dashed or dotted: not by colour alone.
    fn line(&mut self, stops: &[Vector2], path: PathKind, color: Color, width: f32) {
        for pair in stops.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let dash = match path {
                PathKind::Relay => 10.0,
                PathKind::Forwarded => 3.5,
                PathKind::Direct | PathKind::Unknown => {
                    let line = self.control.draw_line_ex(from, to, color);
                    line.width(width).antialiased(true).done();
                    continue;
                }
            };
            let line = self.control.draw_dashed_line_ex(from, to, color);
            line.width(width).dash(dash).antialiased(true).done();
        }
    }

    fn person(&mut self, network: &Network, person: &Person, place: Vector2, way: Option<&Way>) {
        let dot = self.line_height() * 0.5;
        if network.carries(person.number) {
            self.control
                .draw_arc_ex(place, dot + 5.0, 0.0, TAU, 32, TEXT)
                .width(2.0)
                .antialiased(true)
                .done();
        }
        let fill = if person.is_local { OWN } else { TEXT };
        self.control
            .draw_circle_ex(place, dot, fill)
            .antialiased(true)
            .done();
        let outward = (place - self.centre)
            .try_normalized()
            .unwrap_or(Vector2::UP);
        let alignment = match outward.x {
            x if x > 0.3 => HorizontalAlignment::LEFT,
            x if x < -0.3 => HorizontalAlignment::RIGHT,
            _ => HorizontalAlignment::CENTER,
        };
        let line = self.line_height();
        // Two lines of text, out of the way of the lines between the dots.
        let label = place
            + outward * (dot + 0.9 * line)
            + Vector2::new(0.0, line * (0.6 * outward.y - 0.2));
        self.text(&title(person), label, alignment, TEXT);
        let below = label + Vector2::new(0.0, line * 1.15);
        let (words, color) = describe(network, person, way);
        self.text(&words, below, alignment, color);
    }

    fn heading(&mut self, network: &Network, drawn: usize) {
        let line = self.line_height();
        let words = match network.people.len() {
            1 => "Network: nobody else yet".to_owned(),
            count if count > drawn => format!("Network: {count} members, {drawn} drawn"),
            count => format!("Network: {count} members"),
        };
        self.text(
            &words,
            Vector2::new(line, 1.7 * line),
            HorizontalAlignment::LEFT,
            TEXT,
        );
    }

    fn legend(&mut self) {
        let line = self.line_height();
        let share = (self.size.x - 2.0 * line) / 3.0;
        let samples = [
            (PathKind::Direct, "direct"),
            (PathKind::Relay, "by relay"),
            (PathKind::Forwarded, "over a member"),
        ];
        let y = self.size.y - 1.2 * line;
        for (at, (path, words)) in samples.into_iter().enumerate() {
            let x = line + share * at as f32;
            let sample = [
                Vector2::new(x, y - 0.35 * line),
                Vector2::new(x + 1.8 * line, y - 0.35 * line),
            ];
            self.line(&sample, path, DIM, 2.5);
            self.text(
                words,
                Vector2::new(x + 2.3 * line, y),
                HorizontalAlignment::LEFT,
                DIM,
            );
        }
    }

    fn text(&mut self, words: &str, place: Vector2, alignment: HorizontalAlignment, color: Color) {
        let Some(font) = self.font.clone() else {
            return;
        };
        let width = font
            .get_string_size_ex(words)
            .font_size(self.text_size)
            .done()
            .x;
        let shift = match alignment {
            HorizontalAlignment::RIGHT => width,
            HorizontalAlignment::CENTER => width / 2.0,
            _ => 0.0,
        };
        let margin = 0.5 * self.line_height();
        let x = (place.x - shift).clamp(margin, (self.size.x - width - margin).max(margin));
        self.control
            .draw_string_ex(&font, Vector2::new(x, place.y), words)
            .font_size(self.text_size)
            .modulate(color)
            .done();
    }
}

/// A name, cut to what has room, and whether it is the host's.
fn title(person: &Person) -> String {
    let mut name: String = person.name.chars().take(LETTERS).collect();
    if person.name.chars().count() > LETTERS {
        name.push('…');
    }
    if person.is_host {
        name += " (host)";
    }
    name
}

/// How a member is reached, in words.
fn describe(network: &Network, person: &Person, way: Option<&Way>) -> (String, Color) {
    if person.is_local {
        return ("you".to_owned(), DIM);
    }
    let Some(way) = way else {
        return ("not linked".to_owned(), POOR);
    };
    let mut words = match way.round_trip_ms {
        ms if ms > 0.0 => format!("{ms:.0} ms"),
        _ => "…".to_owned(),
    };
    if network.carries(person.number) {
        words += ", carries";
    }
    (words, color(way.round_trip_ms))
}

fn color(round_trip_ms: f64) -> Color {
    match round_trip_ms {
        ms if ms <= 0.0 => DIM,
        ms if ms <= GOOD_MS => GOOD,
        ms if ms <= FAIR_MS => FAIR,
        _ => POOR,
    }
}
