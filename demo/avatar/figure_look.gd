## The colors and the hair of one figure, always the same for the same member.
class_name FigureLook
extends RefCounted

enum Hair { SHORT, BUN, CURLS, BOB }

const SKINS: PackedColorArray = [
	Color("f6d2b5"), Color("e8b48c"), Color("c98d63"), Color("9c6644"), Color("6e4530"),
]
const HAIRS: PackedColorArray = [
	Color("2a2024"), Color("4a2f22"), Color("7a4a26"), Color("c48a3f"), Color("a3402a"), Color("8e8a92"),
]
const TROUSERS: PackedColorArray = [
	Color("2f3a5c"), Color("3d4452"), Color("54463d"), Color("2c4a48"), Color("4a3b58"),
]

var shirt: Color
var trousers: Color
var shoes: Color
var sole: Color
var skin: Color
var hair_color: Color
var hair: Hair
var short_sleeves := false
## Seconds that shift this figure's idle movements against those of others.
var rhythm: float


## The look of the member with [param id].
static func of(id: Variant) -> FigureLook:
	var dice := RandomNumberGenerator.new()
	dice.seed = hash(id)
	var look := FigureLook.new()
	look.shirt = Color.from_ok_hsl(dice.randf(), 0.72, 0.62)
	look.trousers = TROUSERS[dice.randi() % TROUSERS.size()]
	look.shoes = Color("f0ece6") if dice.randf() < 0.5 else Color("3a2f2c")
	look.skin = SKINS[dice.randi() % SKINS.size()]
	look.hair_color = HAIRS[dice.randi() % HAIRS.size()]
	look.hair = dice.randi() % Hair.size() as Hair
	look.rhythm = dice.randf() * 10.0
	look.short_sleeves = dice.randf() < 0.4
	look.sole = Color("e9e4da") if look.shoes.get_luminance() < 0.5 else Color("b9aa97")
	return look


## The color of the lips.
func mouth() -> Color:
	return skin.darkened(0.45).lerp(Color("8c3038"), 0.45)
