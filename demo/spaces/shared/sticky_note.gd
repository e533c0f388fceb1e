## A paper note with a few words, on a board or a wall; it looks along +Z.
class_name StickyNote
extends Node3D

const SIZE := 0.38
const COLORS: PackedColorArray = [Color("ffe27a"), Color("ffb3c1"), Color("a7dcf5"), Color("bfe8a8"), Color("ffc78a")]
const INK := Color("2b2a33")
const MAX_LETTERS := 90
## From many letters to few: the size of the script, in hundredths of the note.
const SCRIPT_SIZES: Dictionary[int, int] = {45: 42, 16: 56, 0: 82}
## Margin of the script and size of one of its pixels, in metres.
const MARGIN := 0.028
const PIXEL := 0.0009

static var _paper: ArrayMesh

var _text := ""
var _color := 0
var _label := Label3D.new()
var _sheet := MeshInstance3D.new()


func _init() -> void:
	if _paper == null:
		_paper = _build_paper()
	_sheet.mesh = _paper
	_sheet.cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
	add_child(_sheet)
	_label.pixel_size = PIXEL
	_label.width = (SIZE - 2.0 * MARGIN) / PIXEL
	_label.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	_label.modulate = INK
	_label.outline_size = 0
	_label.position = Vector3(0.0, -0.004, 0.008)
	_label.double_sided = false
	add_child(_label)


## Writes [param text] on paper of the color with the number [param color].
func write(text: String, color: int) -> void:
	_text = clean(text)
	_color = clampi(color, 0, COLORS.size() - 1)
	_label.text = _text
	_label.font_size = _script_size()
	var paper := Prop.PAINT.duplicate() as StandardMaterial3D
	paper.shading_mode = BaseMaterial3D.SHADING_MODE_UNSHADED
	paper.albedo_color = COLORS[_color]
	_sheet.material_override = paper


## Shows the note as a promise of where it will be.
func set_ghost(is_ghost: bool) -> void:
	_sheet.transparency = 0.35 if is_ghost else 0.0


## What is written on it.
func get_text() -> String:
	return _text


## The number of its color.
func get_color() -> int:
	return _color


## [param text] as it may stand on a note: short and without control characters.
static func clean(text: String) -> String:
	return ChatText.clean(text.replace("\n", " ")).left(MAX_LETTERS)


func _script_size() -> int:
	for letters: int in SCRIPT_SIZES:
		if _text.length() > letters:
			return SCRIPT_SIZES[letters]
	return SCRIPT_SIZES[0]


# A sheet whose lower edge curls away from the wall.
static func _build_paper() -> ArrayMesh:
	var builder := MeshBuilder.new()
	var half := SIZE / 2.0
	var rows: PackedVector2Array = [Vector2(half, 0.002), Vector2(half * 0.4, 0.002), Vector2(-half * 0.5, 0.005), Vector2(-half * 0.8, 0.011), Vector2(-half, 0.021)]
	for i: int in rows.size() - 1:
		var top := rows[i]
		var low := rows[i + 1]
		var shade := Color.WHITE.darkened(0.03 * i)
		builder.quad(Vector3(-half, top.x, top.y), Vector3(half, top.x, top.y), Vector3(half, low.x, low.y), Vector3(-half, low.x, low.y), shade)
	return builder.commit()
