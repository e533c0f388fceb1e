//! Bytes against degrees, drawn by hand: an SVG without a script, for light and dark pages.

use std::{fmt::Write as _, fs, path::Path};

use anyhow::{Context, Result};
use metaverse_avatar::Precision;
use metaverse_motion::Clip;

use super::{
    mean,
    play::{self, Setting},
};
use crate::quantile::quantile;

/// How coarse, relative to what travels, the points of the curve are.
const COARSENESS: [f64; 9] = [0.4, 0.5, 0.65, 0.8, 1.0, 1.25, 1.6, 2.0, 2.5];
/// What travels.
const USUAL: f64 = 1.0;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 48.0;
const BOTTOM: f64 = 56.0;
/// The ends of the axes: degrees and bytes.
const DEGREES_MOST: f64 = 2.75;
const BYTES_MOST: f64 = 50.0;

const STYLE: &str = "
  .paper{fill:#fff}.ink{fill:#24292f}.faint{fill:#6e7781}.grid{stroke:#d8dee4}
  .curve{stroke:#0969da}.point{fill:#0969da}.usual{fill:#bc4c00}.gate{stroke:#bc4c00}
  @media(prefers-color-scheme:dark){
  .paper{fill:#0d1117}.ink{fill:#e6edf3}.faint{fill:#9198a1}.grid{stroke:#30363d}
  .curve{stroke:#58a6ff}.point{fill:#58a6ff}.usual{fill:#f0883e}.gate{stroke:#f0883e}}
  text{font:13px system-ui,sans-serif}.title{font-size:16px;font-weight:600}
";

/// One point of the curve.
struct Point {
    coarseness: f64,
    degrees: f64,
    bytes: f64,
}

/// Plays all `clips` at several precisions and draws what came of it into the file at `path`.
pub fn write(path: &Path, clips: &[(String, Clip)], setting: &Setting) -> Result<()> {
    let points: Vec<Point> = COARSENESS
        .iter()
        .map(|coarseness| measure(*coarseness, clips, setting))
        .collect::<Result<_>>()?;
    let drawing = draw(&points, setting)?;
    fs::write(path, drawing).with_context(|| path.display().to_string())
}

fn measure(coarseness: f64, clips: &[(String, Clip)], setting: &Setting) -> Result<Point> {
    let precision = Precision::coarser(coarseness).context("a precision out of bounds")?;
    let (mut bytes, mut degrees) = (Vec::new(), Vec::new());
    for (_, clip) in clips {
        let played = play::play(clip, setting, precision)?;
        bytes.extend(played.bytes);
        degrees.extend(played.errors.joints);
    }
    Ok(Point {
        coarseness,
        degrees: quantile(&degrees, 0.95).context("no joint moves")?,
        bytes: mean(&bytes)?,
    })
}

fn draw(points: &[Point], setting: &Setting) -> Result<String> {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-label=\"Bytes of a pose against the error of its joints\">\n<style>{STYLE}</style>\n\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"8\"/>\n\
         <text class=\"ink title\" x=\"{LEFT}\" y=\"28\">Bytes of a pose against the error of its joints</text>\n"
    );
    axes(&mut svg)?;
    writeln!(
        svg,
        "<text class=\"faint\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{} poses a second, the confirmed one {} ms old, {} % lost</text>",
        WIDTH - RIGHT,
        TOP + 16.0,
        setting.rate,
        (setting.confirm_delay * 1000.0).round(),
        (setting.loss * 100.0).round(),
    )?;
    let line: Vec<String> = points
        .iter()
        .map(|point| format!("{:.1},{:.1}", x(point.degrees), y(point.bytes)))
        .collect();
    writeln!(
        svg,
        "<polyline class=\"curve\" fill=\"none\" stroke-width=\"2\" points=\"{}\"/>",
        line.join(" ")
    )?;
    for point in points {
        let is_usual = (point.coarseness - USUAL).abs() < 1e-9;
        let (class, radius) = if is_usual { ("usual", 6) } else { ("point", 4) };
        let (x, y) = (x(point.degrees), y(point.bytes));
        writeln!(
            svg,
            "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\"/>"
        )?;
        if is_usual {
            writeln!(
                svg,
                "<text class=\"ink\" x=\"{:.1}\" y=\"{:.1}\">what travels: {:.1} bytes, {:.2} degrees</text>",
                x + 12.0,
                y - 8.0,
                point.bytes,
                point.degrees
            )?;
        }
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

fn axes(svg: &mut String) -> Result<()> {
    for step in 0..=5 {
        let bytes = f64::from(step) * BYTES_MOST / 5.0;
        let y = y(bytes);
        writeln!(
            svg,
            "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{}\"/><text class=\"faint\" x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{bytes}</text>",
            WIDTH - RIGHT,
            LEFT - 8.0,
            y + 4.0
        )?;
    }
    for step in 0..=5 {
        let degrees = f64::from(step) * 0.5;
        let x = x(degrees);
        writeln!(
            svg,
            "<path class=\"grid\" d=\"M{x:.1} {TOP}V{}\"/><text class=\"faint\" x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{degrees}</text>",
            HEIGHT - BOTTOM,
            HEIGHT - BOTTOM + 20.0
        )?;
    }
    writeln!(
        svg,
        "<path class=\"gate\" stroke-dasharray=\"4 4\" d=\"M{:.1} {TOP}V{}\"/>\n\
         <text class=\"ink\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">error of the joints in degrees, 95th percentile</text>\n\
         <text class=\"ink\" transform=\"translate(20 {}) rotate(-90)\" text-anchor=\"middle\">bytes, header included</text>",
        x(1.0),
        HEIGHT - BOTTOM,
        f64::midpoint(LEFT, WIDTH - RIGHT),
        HEIGHT - 12.0,
        f64::midpoint(TOP, HEIGHT - BOTTOM)
    )?;
    Ok(())
}

fn x(degrees: f64) -> f64 {
    LEFT + degrees / DEGREES_MOST * (WIDTH - LEFT - RIGHT)
}

fn y(bytes: f64) -> f64 {
    HEIGHT - BOTTOM - bytes / BYTES_MOST * (HEIGHT - BOTTOM - TOP)
}
