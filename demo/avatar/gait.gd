## Moves a figure's joints: standing, walking, running and jumping, from how fast it moves.
class_name Gait
extends Node

const WALK_SPEED := 1.5
const RUN_SPEED := 4.2
## Metres that two steps cover, walking and running.
const WALK_STRIDE := 1.35
const RUN_STRIDE := 2.5
## Seconds in which poses blend into each other.
const BLEND := 0.12

@export var figure: Figure
@export var probe: MotionProbe

## Seconds that shift the idle movements.
var rhythm := 0.0

var _phase := 0.0
var _walk := 0.0
var _run := 0.0
var _air := 0.0
var _time := 0.0


func _process(delta: float) -> void:
	probe.observe(delta)
	_time += delta
	var flat := Vector2(probe.velocity.x, probe.velocity.z).length()
	var ease_in := 1.0 - exp(-delta / BLEND)
	_walk = lerpf(_walk, clampf(flat / WALK_SPEED, 0.0, 1.0), ease_in)
	_run = lerpf(_run, smoothstep(WALK_SPEED * 1.3, RUN_SPEED, flat), ease_in)
	_air = lerpf(_air, 1.0 if probe.airborne else 0.0, ease_in)
	_phase = fposmod(_phase + _direction() * flat * delta * TAU / lerpf(WALK_STRIDE, RUN_STRIDE, _run), TAU)
	_pose()


# Walking backwards plays the cycle backwards.
func _direction() -> float:
	var forward := -figure.global_basis.z
	return -1.0 if forward.dot(probe.velocity) < -0.2 else 1.0


func _pose() -> void:
	var idle := 1.0 - _walk
	var breath := sin((_time + rhythm) * 1.7)
	var sway := sin((_time + rhythm) * 0.6)
	var reach := 0.0
	for i: int in 2:
		reach = maxf(reach, _pose_leg(i, _phase + PI * i))
		_pose_arm(i, _phase + PI * i, idle * breath)
	var sunk := Figure.THIGH + Figure.SHIN - reach
	var bounce := absf(sin(_phase)) * 0.06 * _run
	figure.pelvis.position.y = Figure.HIP_HEIGHT - sunk * (1.0 - _air) + bounce
	figure.pelvis.position.x = sway * 0.012 * idle
	figure.pelvis.rotation.y = sin(_phase) * 0.09 * _walk
	figure.pelvis.rotation.z = cos(_phase) * 0.02 * _walk + sway * 0.012 * idle
	figure.chest.rotation.x = -0.03 * _walk - 0.17 * _run - 0.06 * _air + breath * 0.008
	figure.chest.rotation.y = -sin(_phase) * (0.16 + 0.10 * _run) * _walk
	figure.chest.rotation.z = -sway * 0.018 * idle
	figure.chest.scale = Vector3.ONE * (1.0 + breath * 0.004)
	figure.head.rotation.x = 0.02 + 0.14 * _run + breath * 0.008
	figure.head.rotation.y = sin(_phase) * 0.08 * _walk + sin((_time + rhythm) * 0.43) * 0.13 * idle


# Returns how far below the hip the sole reaches.
func _pose_leg(i: int, phase: float) -> float:
	var swing := sin(phase) * lerpf(0.46, 0.80, _run) * _walk
	var lift := pow(maxf(cos(phase), 0.0), 1.2)
	var bend := (0.06 + lift * lerpf(0.95, 1.65, _run)) * _walk + 0.025
	var forward := swing + lift * 0.25 * _walk + 0.012
	forward = lerpf(forward, 0.55 if i == 0 else 0.10, _air)
	bend = lerpf(bend, 0.95 if i == 0 else 0.55, _air)
	figure.hips[i].rotation.x = forward
	figure.knees[i].rotation.x = -bend
	var toe := lerpf(minf(swing, 0.0) * 0.55 - lift * 0.2, -0.35, _air)
	figure.ankles[i].rotation.x = bend - forward + toe * maxf(_walk, _air)
	figure.hips[i].rotation.z = (-0.02 if i == 0 else 0.02)
	return Figure.THIGH * cos(forward) + Figure.SHIN * cos(forward - bend)


func _pose_arm(i: int, phase: float, breath: float) -> void:
	var side := -1.0 if i == 0 else 1.0
	var swing := -sin(phase) * lerpf(0.42, 0.75, _run) * _walk
	figure.shoulders[i].rotation.x = lerpf(swing + 0.03, 0.35, _air)
	figure.shoulders[i].rotation.z = side * lerpf(0.13 + 0.012 * breath - 0.03 * _run, 0.85, _air)
	figure.elbows[i].rotation.x = lerpf(0.20 + 0.16 * _walk + maxf(swing, 0.0) * 0.35 + 1.15 * _run, 0.55, _air)
