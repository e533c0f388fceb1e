## Applause.
class_name ClapGesture
extends Gesture

## Claps a second.
const RATE := 3.4


func kind() -> Kind:
	return Kind.CLAP


func duration() -> float:
	return 3.5


func shape(pose: BodyPose) -> void:
	var open := pow(absf(sin(time * RATE * PI)), 0.8)
	var chest := pose.locate(HumanoidRig.index(&"UpperChest"))
	for side: int in 2:
		var lower := 0.0 if side == 0 else -0.02
		var wrist := chest.origin + Vector3(0.0, -0.02 + lower - 0.02 * open, 0.285) + HumanoidRig.mirror(side, Vector3(0.022 + 0.105 * open, 0.0, 0.0))
		var pointing := HumanoidRig.mirror(side, Vector3(-0.10 + 0.30 * open, 0.75, 0.62))
		pose.turn_side(side, &"Shoulder", Vector3(0.0, -0.12, -0.03))
		pose.place_palm(side, wrist, HumanoidRig.mirror(side, Vector3(0.75, -1.0, -0.3)), pointing, HumanoidRig.mirror(side, Vector3(-1.0, 0.0, 0.1)))
		pose.hold(side, BodyPose.OPEN)
	pose.turn(&"Head", Vector3(0.02 * sin(time * RATE * TAU), 0.0, 0.03 * sin(time * 2.0)))
