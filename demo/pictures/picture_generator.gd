## Draws the pictures that a player can take instead of an own one.
class_name PictureGenerator
extends RefCounted

const SIZE := 192.0
const VIEW := 100.0

## One drawing each on a 100 x 100 canvas.
const MOTIFS: Dictionary[String, String] = {
	"Fox": """<path d="M20 22 42 40H58L80 22 84 58 50 92 16 58Z" fill="#f08a3c"/><path d="M26 31 35 42 27 48ZM74 31 65 42 73 48Z" fill="#7c3a1a"/><path d="M16 58 38 60 50 92ZM84 58 62 60 50 92Z" fill="#fff4e6"/><circle cx="37" cy="55" r="4.5" fill="#2b1a14"/><circle cx="63" cy="55" r="4.5" fill="#2b1a14"/><circle cx="38.500" cy="53.500" r="1.500" fill="#fff"/><circle cx="64.500" cy="53.500" r="1.500" fill="#fff"/><ellipse cx="50" cy="83" rx="6" ry="4.500" fill="#2b1a14"/>""",
	"Owl": """<path d="M22 26 34 32H66L78 26V64A28 30 0 0 1 22 64Z" fill="#7a5bbd"/><path d="M34 66a16 18 0 0 0 32 0Z" fill="#c9b6f2"/><circle cx="37" cy="50" r="15" fill="#fff"/><circle cx="63" cy="50" r="15" fill="#fff"/><circle cx="38.500" cy="51" r="7.500" fill="#27204a"/><circle cx="61.500" cy="51" r="7.500" fill="#27204a"/><circle cx="41" cy="48" r="2.500" fill="#fff"/><circle cx="64" cy="48" r="2.500" fill="#fff"/><path d="M45 60H55L50 70Z" fill="#ffb84d"/>""",
	"Robot": """<path d="M50 26V14" stroke="#e8eef8" stroke-width="4"/><circle cx="50" cy="13" r="6" fill="#ffd166"/><rect x="20" y="26" width="60" height="52" rx="16" fill="#e8eef8"/><rect x="27" y="36" width="46" height="24" rx="12" fill="#25325c"/><circle cx="40" cy="48" r="6" fill="#67f0c4"/><circle cx="60" cy="48" r="6" fill="#67f0c4"/><path d="M41 68q9 6 18 0" stroke="#8a97b8" stroke-width="4" stroke-linecap="round" fill="none"/><rect x="12" y="44" width="8" height="18" rx="4" fill="#b7c4de"/><rect x="80" y="44" width="8" height="18" rx="4" fill="#b7c4de"/>""",
	"Flower": """<path d="M50 58V100" stroke="#3f9150" stroke-width="6"/><path d="M50 88q18-2 22-18-18 0-22 18Z" fill="#55ad62"/><g fill="#ffffff"><circle cx="50" cy="25" r="13"/><circle cx="70" cy="37" r="13"/><circle cx="67" cy="60" r="13"/><circle cx="50" cy="67" r="13"/><circle cx="33" cy="60" r="13"/><circle cx="30" cy="37" r="13"/></g><circle cx="50" cy="46" r="17" fill="#ffcf4d"/><circle cx="44" cy="44" r="2.500" fill="#6b4a12"/><circle cx="56" cy="44" r="2.500" fill="#6b4a12"/><path d="M44 51q6 6 12 0" stroke="#6b4a12" stroke-width="2.600" stroke-linecap="round" fill="none"/>""",
	"Planet": """<circle cx="20" cy="22" r="2.500" fill="#fff"/><circle cx="80" cy="18" r="2" fill="#fff"/><circle cx="84" cy="76" r="2.500" fill="#fff"/><circle cx="17" cy="74" r="1.800" fill="#fff"/><circle cx="50" cy="50" r="26" fill="#ffb36b"/><path d="M27 40q22 8 46 0M25 55q25 9 50 0" stroke="#e78a4a" stroke-width="6" fill="none"/><path d="M74 40q16-2 17 4t-22 15-36 9-24-1 6-13" stroke="#fff0d6" stroke-width="5" stroke-linecap="round" fill="none"/>""",
	"Peaks": """<circle cx="68" cy="30" r="12" fill="#fff3c4"/><path d="M-4 84 32 34 58 72 72 54 104 90V104H-4Z" fill="#34508c"/><path d="M32 34 43 50 35 47 29 52 22 48ZM72 54 80 64 73 62 65 63Z" fill="#fff"/><path d="M-4 82q26-14 52 0t56-2v24H-4Z" fill="#2b3d70"/>""",
}

## The background's color at the top and at the bottom.
const TOPS: Dictionary[String, String] = {
	"Fox": "#8fd3c8", "Owl": "#ffd98a", "Robot": "#7fa6ff", "Flower": "#ffb3c7", "Planet": "#5a4bb8", "Peaks": "#ffc6a1",
}
const BOTTOMS: Dictionary[String, String] = {
	"Fox": "#3f8f8a", "Owl": "#f09a5b", "Robot": "#4a5fd0", "Flower": "#e0688f", "Planet": "#1f1b52", "Peaks": "#e87f92",
}


## The names of the drawings, in the order in which they are offered.
static func motifs() -> PackedStringArray:
	return PackedStringArray(MOTIFS.keys())


## The drawing called [param motif], 192 x 192 pixels.
static func draw(motif: String) -> ImageTexture:
	var svg := """<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100" viewBox="0 0 100 100"><defs><linearGradient id="g" x1="0" y1="0" x2="0.4" y2="1"><stop offset="0" stop-color="%s"/><stop offset="1" stop-color="%s"/></linearGradient></defs><rect width="100" height="100" fill="url(#g)"/>%s</svg>"""
	var image := Image.new()
	var error := image.load_svg_from_string(svg % [TOPS[motif], BOTTOMS[motif], MOTIFS[motif]], SIZE / VIEW)
	assert(error == OK, "the drawing %s is not valid SVG" % motif)
	return ImageTexture.create_from_image(image)


## A drawing that is always the same for the same [param text].
static func draw_for(text: String) -> ImageTexture:
	var names := motifs()
	return draw(names[text.hash() % names.size()])
