//! Curves in a coordinate system from zero on: an SVG without a script, for light and dark pages.

use std::fmt::Write as _;

use anyhow::Result;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 72.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 48.0;
const BOTTOM: f64 = 56.0;
/// Parts of either axis.
const STEPS: u32 = 5;

const STYLE: &str = "
  .paper{fill:#fff}.ink{fill:#24292f}.faint{fill:#6e7781}.grid{stroke:#d8dee4}
  .c0{stroke:#0969da;fill:#0969da}.c1{stroke:#bc4c00;fill:#bc4c00}.c2{stroke:#1a7f37;fill:#1a7f37}
  @media(prefers-color-scheme:dark){
  .paper{fill:#0d1117}.ink{fill:#e6edf3}.faint{fill:#9198a1}.grid{stroke:#30363d}
  .c0{stroke:#58a6ff;fill:#58a6ff}.c1{stroke:#f0883e;fill:#f0883e}.c2{stroke:#3fb950;fill:#3fb950}}
  text{font:13px system-ui,sans-serif;stroke:none}.title{font-size:16px;font-weight:600}
";

/// What is drawn.
pub struct Chart {
    pub title: &'static str,
    pub x: &'static str,
    pub y: &'static str,
    /// At most three, each with its name.
    pub curves: Vec<(&'static str, Vec<(f64, f64)>)>,
}

impl Chart {
    pub fn draw(&self) -> Result<String> {
        let most = |of: fn(&(f64, f64)) -> f64| {
            let points = self.curves.iter().flat_map(|(_, points)| points);
            round_up(points.map(of).fold(0.0, f64::max))
        };
        let (x_most, y_most) = (most(|point| point.0), most(|point| point.1));
        let x = |value: f64| LEFT + value / x_most * (WIDTH - LEFT - RIGHT);
        let y = |value: f64| HEIGHT - BOTTOM - value / y_most * (HEIGHT - BOTTOM - TOP);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
             aria-label=\"{0}\">\n<style>{STYLE}</style>\n\
             <rect class=\"paper\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"8\"/>\n\
             <text class=\"ink title\" x=\"{LEFT}\" y=\"28\">{0}</text>\n",
            self.title
        );
        for step in 0..=STEPS {
            let part = f64::from(step) / f64::from(STEPS);
            let (across, up) = (x(part * x_most), y(part * y_most));
            writeln!(
                svg,
                "<path class=\"grid\" fill=\"none\" d=\"M{LEFT} {up:.1}H{}M{across:.1} {TOP}V{}\"/>\
                 <text class=\"faint\" x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{:.0}</text>\
                 <text class=\"faint\" x=\"{across:.1}\" y=\"{}\" text-anchor=\"middle\">{:.0}</text>",
                WIDTH - RIGHT,
                HEIGHT - BOTTOM,
                LEFT - 8.0,
                up + 4.0,
                part * y_most,
                HEIGHT - BOTTOM + 20.0,
                part * x_most
            )?;
        }
        for (place, (name, points)) in self.curves.iter().enumerate() {
            let line: Vec<String> = points
                .iter()
                .map(|point| format!("{:.1},{:.1}", x(point.0), y(point.1)))
                .collect();
            let label = TOP + 20.0 * (place as f64 + 1.0);
            writeln!(
                svg,
                "<g class=\"c{place}\"><polyline style=\"fill:none\" stroke-width=\"2\" points=\"{}\"/>\
                 <text x=\"{}\" y=\"{label}\">{name}</text></g>",
                line.join(" "),
                LEFT + 16.0
            )?;
        }
        writeln!(
            svg,
            "<text class=\"ink\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n\
             <text class=\"ink\" transform=\"translate(20 {}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n</svg>",
            f64::midpoint(LEFT, WIDTH - RIGHT),
            HEIGHT - 12.0,
            self.x,
            f64::midpoint(TOP, HEIGHT - BOTTOM),
            self.y
        )?;
        Ok(svg)
    }
}

/// The next number that is 1, 2 or 5 times a power of ten.
fn round_up(value: f64) -> f64 {
    let power = 10.0_f64.powf(value.max(1.0).log10().floor());
    let factors = [1.0, 2.0, 5.0, 10.0];
    let fitting = factors
        .iter()
        .map(|factor| factor * power)
        .find(|most| *most >= value);
    fitting.unwrap_or(value)
}
