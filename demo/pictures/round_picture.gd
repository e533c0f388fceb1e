## A person's picture cut to a circle; without one, the first letter of the name.
class_name RoundPicture
extends Control

const ROUND := preload("res://pictures/round.gdshader")
const PLACEHOLDER_COLOR := Color("5468b8")

## The picture; any size, cropped to its middle.
@export var picture: Texture2D:
	set(value):
		if picture == value:
			return
		picture = value
		_refresh_disc()

## Whose picture it is; its first letter stands in while there is no picture.
@export var person_name: String:
	set(value):
		person_name = value
		_refresh()

## Width and height in pixels.
@export_range(16, 256) var diameter: int = 40:
	set(value):
		diameter = value
		_refresh()

var _disc := TextureRect.new()
var _initial := Label.new()


func _init() -> void:
	mouse_filter = Control.MOUSE_FILTER_IGNORE
	var cut := ShaderMaterial.new()
	cut.shader = ROUND
	_disc.material = cut
	_disc.texture_filter = CanvasItem.TEXTURE_FILTER_LINEAR_WITH_MIPMAPS
	_disc.expand_mode = TextureRect.EXPAND_IGNORE_SIZE
	_disc.stretch_mode = TextureRect.STRETCH_SCALE
	_initial.horizontal_alignment = HORIZONTAL_ALIGNMENT_CENTER
	_initial.vertical_alignment = VERTICAL_ALIGNMENT_CENTER
	for part: Control in [_disc, _initial]:
		part.set_anchors_preset(Control.PRESET_FULL_RECT)
		part.mouse_filter = Control.MOUSE_FILTER_IGNORE
		add_child(part, false, Node.INTERNAL_MODE_FRONT)
	_refresh()
	_refresh_disc()


func _refresh() -> void:
	custom_minimum_size = Vector2(diameter, diameter)
	size_flags_vertical = Control.SIZE_SHRINK_CENTER
	_initial.text = person_name.strip_edges().left(1).to_upper()
	_initial.add_theme_font_size_override("font_size", roundi(diameter * 0.45))


func _refresh_disc() -> void:
	_initial.visible = picture == null
	_disc.texture = _smooth(picture) if picture != null else _blank()
	_disc.self_modulate = Color.WHITE if picture != null else PLACEHOLDER_COLOR


# Small circles of large pictures flicker without mipmaps.
func _smooth(source: Texture2D) -> Texture2D:
	var image := source.get_image()
	if image == null or image.has_mipmaps():
		return source
	if image.is_compressed():
		image.decompress()
	image.generate_mipmaps()
	return ImageTexture.create_from_image(image)


func _blank() -> Texture2D:
	var image := Image.create_empty(2, 2, false, Image.FORMAT_RGB8)
	image.fill(Color.WHITE)
	return ImageTexture.create_from_image(image)
