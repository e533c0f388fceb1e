## The figure of one member. Whatever carries this node about makes it walk.
class_name MemberFigure
extends Node3D

## Nearer to the camera than this, in metres, the figure would fill the view and is not drawn.
const NEAREST := 1.25
## Height of the chest, from which that is measured.
const CHEST := Vector3(0.0, 1.3, 0.0)

## Set while the figure would stand in the player's own view.
var is_out_of_sight := false

@onready var _figure: Figure = %Figure
@onready var _motion: BodyMotion = %Motion


## Gives the figure the look of [param member].
func show_member(member: MetaverseMember) -> void:
	var look := FigureLook.of(member.id)
	_figure.dress(look)
	_motion.set_rhythm(look.rhythm)


## The figure itself.
func get_figure() -> Figure:
	return _figure


## What moves the figure by itself: the walk and the gestures.
func get_motion() -> BodyMotion:
	return _motion


func _process(_delta: float) -> void:
	var camera := get_viewport().get_camera_3d()
	if camera != null:
		_figure.visible = not is_out_of_sight and camera.global_position.distance_to(global_position + CHEST) > NEAREST
