## Moves a figure's skeleton by itself: the walk from how it is carried about, and gestures on top.
class_name BodyMotion
extends Node

## The gesture [param kind] began; it is [constant NOTHING] when none is left.
signal gesture_changed(kind: int)

const NOTHING := -1
## Seconds in which the bones pass to another that moves them, or come back: at least as long as the sync node takes.
const HAND_OVER := 0.4
## Seconds in which the hands come to what they hold.
const GRASP := 0.18

@export var figure: Figure
@export var probe: MotionProbe

## Whether both hands hold something in front of the body.
var is_carrying := false
## Where the right hand writes, in the world; infinite when it does not.
var pen := Vector3.INF

var _locomotion := Locomotion.new()
var _pose := BodyPose.new()
var _shaped := BodyPose.new()
var _gesture: Gesture
var _weight := 0.0
var _is_ending := false
var _carry := 0.0
var _write := 0.0
var _pen_place := Vector3.ZERO
# Whether the bones belong to it; for how long that has been so, in seconds.
var _has_bones := true
var _since_handed := INF


## Seconds that shift the idle movements against those of others.
func set_rhythm(seconds: float) -> void:
	_locomotion.rhythm = seconds


## Begins [param gesture], instead of another one.
func play(gesture: Gesture) -> void:
	_gesture = gesture
	_is_ending = false
	_weight = minf(_weight, 0.35)
	gesture_changed.emit(gesture.kind())


## Ends the gesture, if there is one.
func stop() -> void:
	if _gesture == null or _is_ending:
		return
	_is_ending = true
	gesture_changed.emit(NOTHING)


## Whether the present gesture needs the legs, so that walking ends it.
func is_still() -> bool:
	return get_gesture() != NOTHING and _gesture.is_still()


## The kind of the present gesture, or [constant NOTHING].
func get_gesture() -> int:
	return NOTHING if _gesture == null or _is_ending else int(_gesture.kind())


## Leaves the bones to another, who comes first from now on. It goes on to move them until the other shows all of its own.
func yield_bones() -> void:
	_hand_over(false)


## Moves the bones again, from how they are.
func take_bones() -> void:
	_hand_over(true)


func _hand_over(has_bones: bool) -> void:
	if has_bones != _has_bones:
		_has_bones = has_bones
		_since_handed = 0.0


func _process(delta: float) -> void:
	probe.observe(delta)
	_since_handed += delta
	if not _has_bones and _since_handed > HAND_OVER:
		return
	var velocity := figure.skeleton.global_basis.inverse() * probe.velocity
	_locomotion.advance(delta, velocity, probe.airborne, _pose)
	_add_gesture(delta)
	_add_hands(delta)
	_pose.apply(figure.skeleton, minf(_since_handed / HAND_OVER, 1.0) if _has_bones else 1.0)


func _add_gesture(delta: float) -> void:
	if _gesture == null:
		return
	_gesture.time += delta
	if _gesture.time > _gesture.duration():
		stop()
	_weight = move_toward(_weight, 0.0 if _is_ending else 1.0, delta / Gesture.FADE)
	if _is_ending and _weight <= 0.0:
		_gesture = null
		return
	_shaped.take(_pose)
	_gesture.shape(_shaped)
	_pose.blend(_shaped, smoothstep(0.0, 1.0, _weight))


func _add_hands(delta: float) -> void:
	_carry = move_toward(_carry, 1.0 if is_carrying else 0.0, delta / GRASP)
	_write = move_toward(_write, 1.0 if pen.is_finite() else 0.0, delta / GRASP)
	if _carry > 0.0:
		_shaped.take(_pose)
		_hold_in_front()
		_pose.blend(_shaped, smoothstep(0.0, 1.0, _carry))
	if _write > 0.0:
		_shaped.take(_pose)
		_point_pen(delta)
		_pose.blend(_shaped, smoothstep(0.0, 1.0, _write))


func _hold_in_front() -> void:
	var chest := _shaped.locate(HumanoidRig.index(&"UpperChest")).origin
	for side: int in 2:
		var wrist := chest + HumanoidRig.mirror(side, Vector3(0.19, -0.30, 0.36))
		_shaped.place_palm(side, wrist, HumanoidRig.mirror(side, Vector3(1.0, -1.0, -0.4)), HumanoidRig.mirror(side, Vector3(-0.2, 0.1, 1.0)), HumanoidRig.mirror(side, Vector3(-1.0, 0.35, 0.0)))
		_shaped.hold(side, BodyPose.GRIP)


func _point_pen(delta: float) -> void:
	if pen.is_finite():
		var goal := figure.skeleton.global_transform.affine_inverse() * pen
		_pen_place = goal if _write <= delta / GRASP else _pen_place.lerp(goal, 1.0 - exp(-delta * 25.0))
	_shaped.turn_side(1, &"Shoulder", Vector3(0.0, 0.1, 0.12))
	var shoulder := _shaped.locate(HumanoidRig.side_index(1, &"UpperArm")).origin
	var way := _pen_place - shoulder
	var wrist := shoulder + way.normalized() * maxf(way.length() - 0.14, 0.1)
	_shaped.place_palm(1, wrist, Vector3(-1.0, -0.9, -0.1), way.normalized() + Vector3(0.25, 0.15, 0.0), Vector3(0.6, -1.0, 0.0))
	_shaped.hold(1, BodyPose.PEN)
	_shaped.turns[HumanoidRig.index(&"Head")] = Quaternion.from_euler(Vector3(clampf(-way.y * 0.5, -0.4, 0.3), clampf(way.x * 0.6, -0.5, 0.5), 0.0))
