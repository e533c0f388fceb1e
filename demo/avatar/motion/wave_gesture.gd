## A friendly wave of the right hand.
class_name WaveGesture
extends Gesture


func kind() -> Kind:
	return Kind.WAVE


func duration() -> float:
	return 2.6


func shape(pose: BodyPose) -> void:
	var swing := sin(time * 9.5)
	var chest := pose.locate(HumanoidRig.index(&"UpperChest")).origin
	var wrist := chest + Vector3(-0.40 + 0.065 * swing, 0.36 - 0.015 * absf(swing), 0.11)
	pose.turn_side(1, &"Shoulder", Vector3(0.0, 0.0, 0.14))
	pose.place_palm(1, wrist, Vector3(-0.75, -1.0, 0.15), Vector3(0.28 * swing - 0.08, 1.0, 0.08), Vector3(0.12, -0.05, 1.0))
	pose.hold(1, BodyPose.SPREAD)
	pose.turn(&"Head", Vector3(-0.05, 0.0, -0.09 + 0.02 * swing))
	pose.turn(&"UpperChest", Vector3(0.0, 0.0, 0.04))
