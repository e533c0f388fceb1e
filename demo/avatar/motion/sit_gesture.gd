## Sitting on a seat, or on the ground with crossed legs, until the player walks.
class_name SitGesture
extends Gesture

## Height of the hips above what one sits on, in metres.
const SEAT_TO_HIPS := 0.105
const GROUND_HIPS := 0.12

## Height of the seat above the ground, in metres; 0 is the ground.
var seat_height := 0.0


func kind() -> Kind:
	return Kind.SIT


func is_still() -> bool:
	return true


func shape(pose: BodyPose) -> void:
	var breath := sin(time * 1.6)
	pose.turn(&"Neck", Vector3(0.05 + 0.01 * breath, _look() * 0.5, 0.0))
	pose.turn(&"Head", Vector3(-0.04, _look(), 0.0))
	if seat_height > 0.0:
		_sit_on_seat(pose, breath)
	else:
		_sit_on_ground(pose, breath)


# Radians that the head is turned while it looks about.
func _look() -> float:
	return 0.22 * sin(time * 0.4) * sin(time * 0.17 + 1.0)


func _sit_on_seat(pose: BodyPose, breath: float) -> void:
	pose.hips = Vector3(0.0, seat_height + SEAT_TO_HIPS - HumanoidRig.HIP_HEIGHT, -0.02)
	pose.turn(&"Hips", Vector3(-0.10, 0.0, 0.0))
	pose.turn(&"Spine", Vector3(0.08, 0.0, 0.0))
	pose.turn(&"Chest", Vector3(0.04 - 0.012 * breath, 0.0, 0.0))
	pose.turn(&"UpperChest", Vector3(0.02 - 0.012 * breath, 0.0, 0.0))
	for side: int in 2:
		var ankle := HumanoidRig.mirror(side, Vector3(0.115, HumanoidRig.ANKLE, 0.43 - 0.05 * side))
		pose.place_foot(side, ankle, Basis(Vector3.UP, HumanoidRig.mirror(side, Vector3(0.12, 0.0, 0.0)).x), HumanoidRig.mirror(side, Vector3(0.12, 1.0, 0.6)))
		var knee := pose.locate(HumanoidRig.side_index(side, &"LowerLeg")).origin
		var wrist := knee + HumanoidRig.mirror(side, Vector3(-0.012, 0.128, -0.165))
		pose.place_palm(side, wrist, HumanoidRig.mirror(side, Vector3(1.0, -0.15, -0.7)), HumanoidRig.mirror(side, Vector3(-0.15, -0.16, 1.0)), Vector3.DOWN)
		pose.hold(side, BodyPose.RELAXED)


func _sit_on_ground(pose: BodyPose, breath: float) -> void:
	pose.hips = Vector3(0.0, GROUND_HIPS - HumanoidRig.HIP_HEIGHT, -0.10)
	pose.turn(&"Hips", Vector3(-0.12, 0.0, 0.0))
	pose.turn(&"Spine", Vector3(0.14, 0.0, 0.0))
	pose.turn(&"Chest", Vector3(0.08 - 0.012 * breath, 0.0, 0.0))
	pose.turn(&"UpperChest", Vector3(0.03, 0.0, 0.0))
	for side: int in 2:
		var ankle := HumanoidRig.mirror(side, Vector3(-0.10, 0.075, 0.245 + 0.085 * side))
		var foot := Basis(Vector3.UP, HumanoidRig.mirror(side, Vector3(-1.05, 0.0, 0.0)).x) * Basis(Vector3.BACK, HumanoidRig.mirror(side, Vector3(-0.75, 0.0, 0.0)).x) * Basis(Vector3.RIGHT, 0.35)
		pose.place_foot(side, ankle, foot, HumanoidRig.mirror(side, Vector3(1.0, 0.32, 0.45)))
		var knee := pose.locate(HumanoidRig.side_index(side, &"LowerLeg")).origin
		var wrist := knee + HumanoidRig.mirror(side, Vector3(-0.07, 0.105, -0.05))
		pose.place_palm(side, wrist, HumanoidRig.mirror(side, Vector3(1.0, -0.2, -0.8)), HumanoidRig.mirror(side, Vector3(0.35, -0.35, 0.9)), Vector3.DOWN)
		pose.hold(side, BodyPose.RELAXED)
