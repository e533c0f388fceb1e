## Steers by keyboard or gamepad, relative to where the camera looks.
class_name PlayerDriver
extends AvatarDriver

## Set while the keys belong to something else: the chat or a menu.
var paused := false

var _camera: ThirdPersonCamera


func _init(camera: ThirdPersonCamera) -> void:
	_camera = camera


func steer(_avatar: LocalAvatar, _delta: float) -> Wish:
	var wish := Wish.new()
	if paused:
		return wish
	var stick := Input.get_vector(&"move_left", &"move_right", &"move_forward", &"move_back")
	wish.direction = Vector3(stick.x, 0.0, stick.y).rotated(Vector3.UP, _camera.get_heading())
	wish.run = Input.is_action_pressed(&"run")
	wish.jump = Input.is_action_just_pressed(&"jump")
	return wish
