## A member's picture and name above its avatar: nearly the same size near and far, over the scenery,
## faint where something stands in between, gone in the distance.
class_name NameTag
extends Node3D

## Nearer than this, in metres, there is no figure to be named.
const TOO_NEAR := 1.3
## Metres between which the tag shrinks, and the smallest scale.
const NEAR := 4.0
const FAR := 16.0
const SMALLEST := 0.8
## Metres between which the tag fades away.
const FADE_FROM := 24.0
const FADE_TO := 34.0
## How visible the tag is behind something solid.
const HIDDEN_ALPHA := 0.35
## Seconds between two looks whether something stands in between.
const LOOK_INTERVAL := 0.15
const SCENERY_LAYER := 1
## Longest name in letters; longer ones are cut.
const MAX_LETTERS := 20
## Pixels between tags that would cover each other.
const GAP := 3.0
## How far a tag may be lifted to be clear of nearer ones, in pixels.
const HIGHEST_LIFT := 150.0
const GROUP := &"name_tags"

var _hidden := false
var _until_look := 0.0
var _lift := 0.0

@onready var _plate: PanelContainer = %Plate
@onready var _picture: RoundPicture = %Picture
@onready var _name: Label = %Name


func _ready() -> void:
	_plate.modulate.a = 0.0
	add_to_group(GROUP)


## Shows who [param member] is.
func show_member(member: MetaverseMember) -> void:
	_picture.person_name = member.display_name
	_picture.picture = member.avatar_image
	_name.text = ShortText.cut(member.display_name, MAX_LETTERS)


## The name on the tag.
func get_text() -> String:
	return _name.text


## Where the tag is drawn, in pixels of the window's content; empty when it cannot be seen.
func get_screen_rect() -> Rect2:
	if not _plate.visible or _plate.modulate.a < 0.5:
		return Rect2()
	return _plate.get_global_rect()


func _process(delta: float) -> void:
	var camera := get_viewport().get_camera_3d()
	_plate.visible = camera != null and is_visible_in_tree() and not camera.is_position_behind(global_position)
	if not _plate.visible:
		return
	var distance := camera.global_position.distance_to(global_position)
	_look(camera, delta)
	_place(camera, distance, delta)
	var alpha := 1.0 - smoothstep(FADE_FROM, FADE_TO, distance)
	if distance < TOO_NEAR:
		alpha = 0.0
	elif _hidden:
		alpha *= HIDDEN_ALPHA
	_plate.modulate.a = lerpf(_plate.modulate.a, alpha, 1.0 - exp(-delta * 12.0))


func _place(camera: Camera3D, distance: float, delta: float) -> void:
	var size_factor := lerpf(1.0, SMALLEST, smoothstep(NEAR, FAR, distance))
	_plate.reset_size()
	_plate.scale = Vector2.ONE * size_factor
	var at := camera.unproject_position(global_position)
	_plate.z_index = clampi(2000 - roundi(distance * 20.0), 0, 2000)
	var rect := Rect2(at - Vector2(_plate.size.x / 2.0, _plate.size.y) * size_factor, _plate.size * size_factor)
	_lift = lerpf(_lift, _wanted_lift(rect), 1.0 - exp(-delta * 10.0))
	_plate.position = (rect.position - Vector2(0.0, _lift)).round()


# Nearer tags keep their place, this one goes above them.
func _wanted_lift(rect: Rect2) -> float:
	var top := rect.position.y
	for other: Node in get_tree().get_nodes_in_group(GROUP):
		var tag := other as NameTag
		if tag == self or not tag._plate.visible or tag._plate.z_index <= _plate.z_index:
			continue
		var taken := tag._plate.get_global_rect()
		if taken.intersects(Rect2(Vector2(rect.position.x, top), rect.size).grow(GAP - 1.0)):
			top = minf(top, taken.position.y - rect.size.y - GAP)
	return clampf(rect.position.y - top, 0.0, HIGHEST_LIFT)


func _look(camera: Camera3D, delta: float) -> void:
	_until_look -= delta
	if _until_look > 0.0:
		return
	_until_look = LOOK_INTERVAL
	var ray := PhysicsRayQueryParameters3D.create(camera.global_position, global_position, SCENERY_LAYER)
	_hidden = not get_world_3d().direct_space_state.intersect_ray(ray).is_empty()
