## The figure of one member. Whatever carries this node about makes it walk.
class_name MemberFigure
extends Node3D

## Nearer to the camera than this, in metres, the figure would fill the view and is not drawn.
const NEAREST := 1.25
## Height of the chest, from which that is measured.
const CHEST := Vector3(0.0, 1.3, 0.0)

@onready var _figure: Figure = %Figure
@onready var _gait: Gait = %Gait


## Gives the figure the look of [param member].
func show_member(member: MetaverseMember) -> void:
	var look := FigureLook.of(member.id)
	_figure.dress(look)
	_gait.rhythm = look.rhythm


func _process(_delta: float) -> void:
	var camera := get_viewport().get_camera_3d()
	if camera != null:
		_figure.visible = camera.global_position.distance_to(global_position + CHEST) > NEAREST
