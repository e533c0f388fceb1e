## Standing, walking, running and jumping, from how fast the body moves.
class_name Locomotion
extends RefCounted

const WALK_SPEED := 1.3
const RUN_SPEED := 4.2
## Seconds in which paces blend into each other.
const BLEND := 0.11
## The part of a cycle that a foot is on the ground, walking and running.
const WALK_STANCE := 0.60
const RUN_STANCE := 0.28
## The farthest that a foot goes from below the hip, in metres.
const FARTHEST_STEP := 0.50
## Height of the hips when a leg is stretched, and when standing, below their rest height.
const RELAX := 0.012

## Seconds that shift the idle movements.
var rhythm := 0.0

var _phase := 0.0
var _walk := 0.0
var _run := 0.0
var _air := 0.0
var _time := 0.0
var _pace := Vector3.ZERO


## Lets [param delta] seconds pass at [param velocity], in the figure's own axes (+Z forward), and poses [param pose].
func advance(delta: float, velocity: Vector3, airborne: bool, pose: BodyPose) -> void:
	_time += delta
	var ease_in := 1.0 - exp(-delta / BLEND)
	_pace = _pace.lerp(Vector3(velocity.x, 0.0, velocity.z), ease_in)
	var speed := _pace.length()
	_walk = smoothstep(0.05, 0.7, speed)
	_run = smoothstep(WALK_SPEED * 1.75, RUN_SPEED, speed)
	_air = lerpf(_air, 1.0 if airborne else 0.0, ease_in)
	_phase = fposmod(_phase + delta / _cycle(speed), 1.0)
	_pose_trunk(pose)
	_place_feet(speed, pose)
	for side: int in 2:
		_swing_arm(side, pose)
		pose.hold(side, BodyPose.RELAXED)


## How much the body walks, from 0 to 1.
func get_walk() -> float:
	return _walk


# Seconds of two steps.
func _cycle(speed: float) -> float:
	return clampf(1.22 - 0.16 * speed, 0.60, 1.22)


func _pose_trunk(pose: BodyPose) -> void:
	var idle := 1.0 - _walk
	var breath := sin((_time + rhythm) * 1.6)
	var sway := sin((_time + rhythm) * 0.55)
	var look := sin((_time + rhythm) * 0.37) * sin((_time + rhythm) * 0.83)
	var step := sin(_phase * TAU)
	var lean := 0.03 * _walk + 0.15 * _run + 0.06 * _air
	var twist := step * (0.10 + 0.05 * _run) * _walk
	pose.hips = Vector3(sway * 0.016 * idle + cos(_phase * TAU) * -0.012 * _walk, 0.0, 0.0)
	pose.turn(&"Hips", Vector3(lean * 0.4, -twist, sway * -0.014 * idle))
	pose.turn(&"Spine", Vector3(lean * 0.3, twist * 0.7, sway * 0.020 * idle))
	pose.turn(&"Chest", Vector3(lean * 0.3 - 0.012 * breath, twist * 0.7, 0.0))
	pose.turn(&"UpperChest", Vector3(-0.016 * breath, twist * 0.8, -sway * 0.010 * idle))
	pose.turn(&"Neck", Vector3(0.05 - lean * 0.35 + 0.010 * breath, -twist * 0.5 + look * 0.10 * idle, 0.0))
	pose.turn(&"Head", Vector3(-0.05 - lean * 0.4 + 0.006 * breath, -twist * 0.6 + look * 0.16 * idle, sway * 0.012 * idle))
	for side: int in 2:
		pose.turn_side(side, &"Shoulder", Vector3(0.0, 0.0, -0.06 + 0.012 * breath))


func _place_feet(speed: float, pose: BodyPose) -> void:
	var ankles: Array[Vector3] = []
	var pitches: PackedFloat32Array = []
	for side: int in 2:
		var foot := _step(side, speed)
		ankles.append(Vector3(foot.x, foot.y, foot.z))
		pitches.append(foot.w)
	pose.hips.y = _hip_drop(ankles, pose)
	for side: int in 2:
		var outward := HumanoidRig.mirror(side, Vector3(0.13 * (1.0 - _walk) + 0.03, 0.0, 0.0)).x
		var foot := Basis(Vector3.UP, outward) * Basis(Vector3.RIGHT, pitches[side])
		pose.place_foot(side, ankles[side], foot, Vector3(outward * 1.4, 0.25 * _air, 1.0))


# Where the ankle is (x, y, z) and how far the foot is pitched down (w).
func _step(side: int, speed: float) -> Vector4:
	var stance := lerpf(WALK_STANCE, RUN_STANCE, _run)
	var reach := minf(speed * _cycle(speed) * stance / 2.0, FARTHEST_STEP)
	var way := fposmod(_phase + 0.5 * side, 1.0)
	var along := 0.0
	var rise := 0.0
	var pitch := 0.0
	if way < stance:
		var part := way / stance
		along = reach * (1.0 - 2.0 * part)
		pitch = -0.30 * (1.0 - smoothstep(0.0, 0.18, part)) + (0.85 + 0.2 * _run) * smoothstep(0.55, 1.0, part)
	else:
		var part := (way - stance) / (1.0 - stance)
		along = reach * lerpf(-1.0, 1.0, smoothstep(0.0, 1.0, part) * 0.6 + part * 0.4)
		pitch = lerpf(0.85 + 0.35 * _run, -0.30, smoothstep(0.0, 0.75, part))
		rise = sin(part * PI) * lerpf(0.055, 0.17, _run) + sin(minf(part * 2.0, 1.0) * PI) * 0.10 * _run
	pitch *= _walk
	along *= _walk
	var roll := Vector2(sin(maxf(pitch, 0.0)), 1.0 - cos(maxf(pitch, 0.0))) * HumanoidRig.FOOT
	var apart := HumanoidRig.mirror(side, Vector3(lerpf(0.098, 0.070, _walk), 0.0, 0.0))
	var forward := _pace.normalized() if speed > 0.01 else Vector3.BACK
	var at := apart + forward * (along + roll.y) + Vector3.UP * (HumanoidRig.ANKLE + rise * _walk + roll.x * 0.85 + maxf(-pitch, 0.0) * 0.05)
	if side == 1 and speed < 0.3:
		at.z += 0.03 * (1.0 - _walk)
	var jump := apart * 1.1 + Vector3(0.0, 0.30 if side == 0 else 0.16, 0.16 if side == 0 else -0.10)
	at = at.lerp(jump, _air)
	return Vector4(at.x, at.y, at.z, lerpf(pitch, 0.55, _air))


# The hips are as high as the legs on the ground let them be: so a step lifts and lowers the body.
func _hip_drop(ankles: Array[Vector3], pose: BodyPose) -> float:
	var full := (HumanoidRig.THIGH + HumanoidRig.SHIN) * (BodyPose.STRETCH - 0.004)
	var highest := HumanoidRig.HIP_HEIGHT - RELAX
	for side: int in 2:
		var flat := ankles[side] - HumanoidRig.mirror(side, Vector3(HumanoidRig.HIP_SIDE, 0.0, 0.0)) - pose.hips
		flat.y = 0.0
		var above := ankles[side].y + sqrt(maxf(full * full - flat.length_squared(), 0.1)) + HumanoidRig.HIP_DROP
		highest = minf(highest, above)
	var bounce := (absf(sin(_phase * TAU)) * 0.05 - 0.045) * _run
	return lerpf(highest, HumanoidRig.HIP_HEIGHT - 0.02, _air) - HumanoidRig.HIP_HEIGHT + bounce


func _swing_arm(side: int, pose: BodyPose) -> void:
	var idle := 1.0 - _walk
	var opposite := cos((_phase + 0.5 * side) * TAU)
	var swing := opposite * lerpf(0.36, 0.80, _run) * _walk
	var breath := sin((_time + rhythm) * 1.6 + side)
	var down := lerpf(-1.30 + 0.015 * breath * idle + 0.06 * _run, -0.65, _air)
	var back := lerpf(swing + 0.04, -0.25, _air)
	pose.turn_side(side, &"UpperArm", Vector3.ZERO)
	var upper := HumanoidRig.side_index(side, &"UpperArm")
	pose.turns[upper] = Quaternion(Vector3.RIGHT, back) * Quaternion(HumanoidRig.mirror(side, Vector3.RIGHT).x * Vector3.BACK, down)
	var bend := lerpf(0.22 + 0.14 * _walk + maxf(-swing, 0.0) * 0.45 + 1.10 * _run, 0.45, _air)
	pose.turn_side(side, &"LowerArm", Vector3(0.0, -bend, 0.0))
	pose.turn_side(side, &"Hand", Vector3(0.0, -0.05, 0.06))
