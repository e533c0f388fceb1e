## A part of a space with an activity of its own, marked on the floor.
class_name ActivityArea
extends MetaverseActivityZone

const SHADER := preload("res://spaces/kit/activity_area.gdshader")
## Height of the mark above the floor and of its letters, in metres, and the size of a letter's pixel.
const LIFT := 0.016
const LETTERS := 0.26
const PIXEL := 0.003
const COLOR := Color("ffd78a")

## What it is called.
@export var title := ""
## The name of the ready-made profile that holds here.
@export var activity := &"lecture"


func _ready() -> void:
	profile = MetaverseActivityProfile.preset(activity)
	var ground := -size.y / 2.0 + LIFT
	add_child(_build_mark(ground))
	add_child(_build_words(ground))


func _build_mark(ground: float) -> MeshInstance3D:
	var plane := PlaneMesh.new()
	plane.size = Vector2(size.x, size.z)
	var material := ShaderMaterial.new()
	material.shader = SHADER
	material.set_shader_parameter(&"half_size", plane.size / 2.0)
	material.set_shader_parameter(&"color", COLOR)
	var mark := MeshInstance3D.new()
	mark.mesh = plane
	mark.material_override = material
	mark.cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
	mark.position.y = ground
	return mark


# Along the front edge, to be read by who comes.
func _build_words(ground: float) -> Label3D:
	var words := Label3D.new()
	words.text = title
	words.font_size = roundi(LETTERS / PIXEL)
	words.pixel_size = PIXEL
	words.modulate = COLOR
	words.outline_size = 0
	words.texture_filter = BaseMaterial3D.TEXTURE_FILTER_LINEAR_WITH_MIPMAPS_ANISOTROPIC
	words.rotation.x = -PI / 2.0
	words.position = Vector3(0.0, ground + 0.004, size.z / 2.0 - LETTERS)
	return words
