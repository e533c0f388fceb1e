## The right hand straight up, until it is taken down.
class_name RaiseHandGesture
extends Gesture


func kind() -> Kind:
	return Kind.RAISE_HAND


func shape(pose: BodyPose) -> void:
	var drift := sin(time * 1.9)
	pose.turn(&"Chest", Vector3(0.0, 0.0, 0.05))
	pose.turn(&"UpperChest", Vector3(0.0, 0.0, 0.05))
	pose.turn_side(1, &"Shoulder", Vector3(0.0, 0.0, 0.34))
	var shoulder := pose.locate(HumanoidRig.side_index(1, &"UpperArm")).origin
	var wrist := shoulder + Vector3(0.02 + 0.012 * drift, 0.495, 0.055)
	pose.place_palm(1, wrist, Vector3(-1.0, 0.0, 0.25), Vector3(0.05 + 0.05 * drift, 1.0, 0.03), Vector3(0.25, 0.0, 1.0))
	pose.hold(1, BodyPose.OPEN)
	pose.turn(&"Head", Vector3(-0.10, 0.0, -0.04))
