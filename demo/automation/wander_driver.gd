## Walks in a circle around where it began, always the same way.
class_name WanderDriver
extends AvatarDriver

const RADIUS := 0.55
## Radians a second.
const TURN := 1.3
## How hard it steers to where it should be, per metre.
const EAGERNESS := 1.6

var _home := Vector3.ZERO
var _angle := 0.0


func _init(home: Transform3D) -> void:
	_home = home.origin


func steer(avatar: LocalAvatar, delta: float) -> AvatarDriver.Wish:
	_angle += TURN * delta
	var goal := _home + Vector3(sin(_angle), 0.0, cos(_angle) - 1.0) * RADIUS
	var way := goal - avatar.global_position
	var wish := AvatarDriver.Wish.new()
	wish.direction = Vector3(way.x, 0.0, way.z).limit_length(1.0 / EAGERNESS) * EAGERNESS
	return wish
