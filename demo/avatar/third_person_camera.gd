## Follows the avatar from behind its shoulder, never through a wall.
## A click into the scene captures the mouse for looking about; the right button does so while held.
class_name ThirdPersonCamera
extends Node3D

const MOUSE_SPEED := 0.0032
## Radians a second of a stick fully out.
const STICK_SPEED := 2.6
const LOWEST := deg_to_rad(-58.0)
const HIGHEST := deg_to_rad(32.0)
const NEAREST := 1.4
const FARTHEST := 6.5
const ZOOM_STEP := 0.4
## How fast the camera follows, per second.
const FOLLOW := 18.0

## Set while the mouse belongs to a menu.
var paused := false:
	set(value):
		paused = value
		if paused:
			_release()

var _yaw := 0.0
var _pitch := deg_to_rad(-12.0)
var _distance := 3.6
var _dragging := false

@onready var _arm: SpringArm3D = %Arm
@onready var _lens: Camera3D = %Lens
@onready var _target: Node3D = get_parent()
@onready var _height := position


func _ready() -> void:
	top_level = true
	var body := _target as CollisionObject3D
	if body != null:
		_arm.add_excluded_object(body.get_rid())
	_arm.spring_length = _distance
	global_position = _target.global_position + _height


## The direction in which the camera looks, around the vertical axis, in radians.
func get_heading() -> float:
	return _yaw


## Looks along [param heading] at once.
func look_along(heading: float) -> void:
	_yaw = heading
	global_position = _target.global_position + _height
	_turn()


## Looks through this camera again.
func make_current() -> void:
	_lens.make_current()


## Whether the mouse is captured for looking about.
func is_captured() -> bool:
	return Input.mouse_mode == Input.MOUSE_MODE_CAPTURED


## Gives the mouse back.
func release() -> void:
	_release()


func _process(delta: float) -> void:
	if not paused:
		var stick := Input.get_vector(&"look_left", &"look_right", &"look_up", &"look_down")
		_look(stick * STICK_SPEED * delta)
	global_position = global_position.lerp(_target.global_position + _height, 1.0 - exp(-FOLLOW * delta))
	_arm.spring_length = lerpf(_arm.spring_length, _distance, 1.0 - exp(-10.0 * delta))
	_turn()


func _unhandled_input(event: InputEvent) -> void:
	if paused:
		return
	var button := event as InputEventMouseButton
	if button != null:
		_on_button(button)
		return
	var motion := event as InputEventMouseMotion
	if motion != null and is_captured():
		_look(motion.screen_relative * MOUSE_SPEED)


func _on_button(button: InputEventMouseButton) -> void:
	match button.button_index:
		MOUSE_BUTTON_LEFT when button.pressed:
			_dragging = false
			Input.mouse_mode = Input.MOUSE_MODE_CAPTURED
		MOUSE_BUTTON_RIGHT:
			_drag(button.pressed)
		MOUSE_BUTTON_WHEEL_UP when button.pressed:
			_distance = maxf(NEAREST, _distance - ZOOM_STEP)
		MOUSE_BUTTON_WHEEL_DOWN when button.pressed:
			_distance = minf(FARTHEST, _distance + ZOOM_STEP)


func _drag(pressed: bool) -> void:
	if pressed and not is_captured():
		_dragging = true
		Input.mouse_mode = Input.MOUSE_MODE_CAPTURED
	elif not pressed and _dragging:
		_release()


func _release() -> void:
	_dragging = false
	Input.mouse_mode = Input.MOUSE_MODE_VISIBLE


func _look(by: Vector2) -> void:
	_yaw = wrapf(_yaw - by.x, -PI, PI)
	_pitch = clampf(_pitch - by.y, LOWEST, HIGHEST)


func _turn() -> void:
	global_rotation = Vector3(_pitch, _yaw, 0.0)
