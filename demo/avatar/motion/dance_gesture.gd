## A dance of eight beats: a two-step with the arms in it, then the arms up.
class_name DanceGesture
extends Gesture

## Beats a second.
const BEAT := 2.0


func kind() -> Kind:
	return Kind.DANCE


func is_still() -> bool:
	return true


func shape(pose: BodyPose) -> void:
	var beat := time * BEAT
	var step := sin(beat * PI)
	var bounce := absf(sin(beat * PI))
	var up := smoothstep(0.42, 0.58, fposmod(beat / 16.0, 1.0)) * (1.0 - smoothstep(0.92, 1.0, fposmod(beat / 16.0, 1.0)))
	pose.hips = Vector3(step * 0.085, -0.055 + 0.035 * bounce, 0.0)
	pose.turn(&"Hips", Vector3(0.04, step * 0.22, step * 0.10))
	pose.turn(&"Spine", Vector3(0.03, -step * 0.16, -step * 0.10))
	pose.turn(&"Chest", Vector3(0.02, -step * 0.18, -step * 0.06))
	pose.turn(&"UpperChest", Vector3(-0.04 * bounce, -step * 0.14, 0.0))
	pose.turn(&"Neck", Vector3(0.10 * (1.0 - bounce), step * 0.08, 0.05 * step))
	pose.turn(&"Head", Vector3(0.08 * (1.0 - bounce) - 0.04, step * 0.10, 0.06 * step))
	for side: int in 2:
		_step(side, step, pose)
		_move_arm(side, beat, up, pose)


# The foot away from which the hips swing comes up on its ball.
func _step(side: int, step: float, pose: BodyPose) -> void:
	var free := clampf(-step if side == 0 else step, 0.0, 1.0)
	var pitch := 0.55 * free
	var ankle := HumanoidRig.mirror(side, Vector3(0.155 - 0.03 * free, 0.0, 0.0))
	ankle += Vector3(0.0, HumanoidRig.ANKLE + sin(pitch) * HumanoidRig.FOOT * 0.85 + 0.02 * free, 0.03 * free)
	var outward := HumanoidRig.mirror(side, Vector3(0.30, 0.0, 0.0)).x
	pose.place_foot(side, ankle, Basis(Vector3.UP, outward) * Basis(Vector3.RIGHT, pitch), Vector3(outward * 1.2, 0.0, 1.0))


func _move_arm(side: int, beat: float, up: float, pose: BodyPose) -> void:
	var turn := sin(beat * PI + PI * side)
	var chest := pose.locate(HumanoidRig.index(&"UpperChest")).origin
	var low := chest + HumanoidRig.mirror(side, Vector3(0.26 + 0.06 * turn, -0.08 + 0.15 * turn, 0.22 - 0.03 * turn))
	var high := chest + HumanoidRig.mirror(side, Vector3(0.30 + 0.07 * sin(beat * PI), 0.46 + 0.07 * absf(sin(beat * PI)), 0.08))
	var wrist := low.lerp(high, up)
	var pointing := HumanoidRig.mirror(side, Vector3(-0.25, 0.55, 0.8)).lerp(HumanoidRig.mirror(side, Vector3(0.1, 1.0, 0.1)), up)
	var palm := HumanoidRig.mirror(side, Vector3(-1.0, -0.1, 0.2)).lerp(HumanoidRig.mirror(side, Vector3(-0.4, 0.0, 1.0)), up)
	pose.turn_side(side, &"Shoulder", Vector3(0.0, 0.0, 0.05 * turn + 0.16 * up))
	pose.place_palm(side, wrist, HumanoidRig.mirror(side, Vector3(1.0, -0.8, -0.25)), pointing, palm)
	pose.hold(side, BodyPose.FIST if up < 0.5 else BodyPose.SPREAD)
