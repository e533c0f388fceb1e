## Measures how it is moved by watching where it is, whoever moves it.
class_name MotionProbe
extends Node3D

## Seconds over which jitter is evened out.
const SMOOTHING := 0.09
## Faster than this, in metres a second, is a jump to another place and not a movement.
const TELEPORT_SPEED := 25.0
## Vertical speeds in metres a second that begin and end a jump.
const JUMP_SPEED := 1.4
const LANDED_SPEED := 0.25
## Seconds of stillness in height after which the figure stands again.
const LANDED_TIME := 0.12

## Metres a second, in the world.
var velocity := Vector3.ZERO
var airborne := false

var _last := Vector3.ZERO
var _quiet := 0.0


func _ready() -> void:
	_last = global_position


## Looks where it is, once a frame; [param delta] in seconds.
func observe(delta: float) -> void:
	if delta <= 0.0:
		return
	var moved := global_position - _last
	_last = global_position
	var now := moved / delta
	if now.length() > TELEPORT_SPEED:
		velocity = Vector3.ZERO
		return
	velocity = velocity.lerp(now, 1.0 - exp(-delta / SMOOTHING))
	_observe_jump(delta)


func _observe_jump(delta: float) -> void:
	if absf(velocity.y) > JUMP_SPEED:
		airborne = true
		_quiet = 0.0
		return
	_quiet = _quiet + delta if absf(velocity.y) < LANDED_SPEED else 0.0
	if _quiet > LANDED_TIME:
		airborne = false
