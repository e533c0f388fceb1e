## Models the clothed body of a figure around the bones of [HumanoidRig].
class_name FigureBody
extends RefCounted

## What is colored alike. The shader counts on this order.
enum Part { SHIRT, SLEEVE, TROUSERS, SHOES, SOLE, SKIN, HAIR, MOUTH, EYES, GLINT, TRIM }

## Height, half width, half depth and how far forward, from the hem to the collar.
const TORSO: PackedVector4Array = [
	Vector4(0.905, 0.150, 0.108, -0.007), Vector4(0.903, 0.166, 0.122, -0.007), Vector4(0.912, 0.168, 0.124, -0.007), Vector4(0.94, 0.163, 0.119, -0.006), Vector4(0.985, 0.152, 0.108, -0.003), Vector4(1.05, 0.142, 0.098, 0.0),
	Vector4(1.11, 0.145, 0.100, 0.001), Vector4(1.18, 0.157, 0.108, 0.002), Vector4(1.25, 0.169, 0.115, 0.001), Vector4(1.31, 0.176, 0.115, -0.003), Vector4(1.36, 0.174, 0.106, -0.008),
	Vector4(1.395, 0.166, 0.092, -0.011), Vector4(1.425, 0.140, 0.078, -0.013), Vector4(1.448, 0.098, 0.066, -0.014), Vector4(1.466, 0.066, 0.057, -0.013), Vector4(1.470, 0.050, 0.045, -0.013),
]
const COLLAR: PackedVector4Array = [
	Vector4(1.440, 0.060, 0.054, -0.013), Vector4(1.452, 0.0665, 0.0600, -0.013), Vector4(1.468, 0.0645, 0.0585, -0.013), Vector4(1.474, 0.058, 0.0525, -0.013), Vector4(1.468, 0.050, 0.045, -0.012),
]
const NECK: PackedVector4Array = [
	Vector4(1.43, 0.050, 0.047, -0.013), Vector4(1.46, 0.048, 0.046, -0.011), Vector4(1.50, 0.0455, 0.0455, -0.006), Vector4(1.54, 0.047, 0.048, 0.0), Vector4(1.57, 0.050, 0.052, 0.003),
]
const PELVIS: PackedVector4Array = [
	Vector4(0.800, 0.022, 0.035, -0.004), Vector4(0.812, 0.050, 0.065, -0.006), Vector4(0.835, 0.110, 0.092, -0.008), Vector4(0.87, 0.153, 0.110, -0.009), Vector4(0.915, 0.156, 0.112, -0.007), Vector4(0.97, 0.146, 0.103, -0.004), Vector4(1.0, 0.135, 0.095, 0.0),
]
## Distance from the shoulder along the arm, and radius: a round shoulder, then the sleeve.
const LONG_SLEEVE: PackedVector4Array = [
	Vector4(-0.059, 0.004, 0.0, 0.0), Vector4(-0.057, 0.015, 0.0, 0.0), Vector4(-0.052, 0.028, 0.0, 0.0), Vector4(-0.042, 0.0415, 0.0, 0.0), Vector4(-0.026, 0.053, 0.0, 0.0), Vector4(0.0, 0.059, 0.0, 0.0),
	Vector4(0.03, 0.059, 0.0, 0.0), Vector4(0.06, 0.057, 0.0, 0.0), Vector4(0.11, 0.0535, 0.0, 0.0), Vector4(0.16, 0.0505, 0.0, 0.0), Vector4(0.215, 0.0475, 0.0, 0.0), Vector4(0.245, 0.0465, 0.0, 0.0),
	Vector4(0.265, 0.0465, 0.0, 0.0), Vector4(0.285, 0.0465, 0.0, 0.0), Vector4(0.32, 0.0455, 0.0, 0.0), Vector4(0.38, 0.042, 0.0, 0.0), Vector4(0.44, 0.0375, 0.0, 0.0), Vector4(0.482, 0.0345, 0.0, 0.0),
	Vector4(0.49, 0.0315, 0.0, 0.0),
]
const SHORT_SLEEVE: PackedVector4Array = [
	Vector4(-0.059, 0.004, 0.0, 0.0), Vector4(-0.057, 0.015, 0.0, 0.0), Vector4(-0.052, 0.028, 0.0, 0.0), Vector4(-0.042, 0.0415, 0.0, 0.0), Vector4(-0.026, 0.053, 0.0, 0.0), Vector4(0.0, 0.059, 0.0, 0.0),
	Vector4(0.03, 0.059, 0.0, 0.0), Vector4(0.06, 0.057, 0.0, 0.0), Vector4(0.11, 0.0545, 0.0, 0.0), Vector4(0.155, 0.053, 0.0, 0.0), Vector4(0.164, 0.052, 0.0, 0.0), Vector4(0.166, 0.042, 0.0, 0.0),
]
const BARE_ARM: PackedVector4Array = [
	Vector4(0.1, 0.044, 0.0, 0.0), Vector4(0.16, 0.0465, 0.0, 0.0), Vector4(0.215, 0.0445, 0.0, 0.0), Vector4(0.245, 0.044, 0.0, 0.0), Vector4(0.265, 0.0445, 0.0, 0.0), Vector4(0.285, 0.0445, 0.0, 0.0),
	Vector4(0.32, 0.0445, 0.0, 0.0), Vector4(0.38, 0.0405, 0.0, 0.0), Vector4(0.44, 0.0345, 0.0, 0.0), Vector4(0.47, 0.0295, 0.0, 0.0), Vector4(0.49, 0.0265, 0.0, 0.0),
]
const WRISTBAND: PackedVector4Array = [Vector4(0.462, 0.031, 0.0, 0.0), Vector4(0.464, 0.0385, 0.0, 0.0), Vector4(0.484, 0.0375, 0.0, 0.0), Vector4(0.487, 0.032, 0.0, 0.0), Vector4(0.489, 0.024, 0.0, 0.0)]
## Distance below the hip, half width, half depth and how far forward.
const LEG: PackedVector4Array = [
	Vector4(-0.045, 0.050, 0.070, -0.006), Vector4(-0.02, 0.062, 0.084, -0.008), Vector4(0.03, 0.074, 0.092, -0.008), Vector4(0.10, 0.077, 0.089, -0.004), Vector4(0.18, 0.074, 0.081, 0.001), Vector4(0.27, 0.066, 0.072, 0.003), Vector4(0.35, 0.060, 0.064, 0.003),
	Vector4(0.395, 0.058, 0.061, 0.003), Vector4(0.415, 0.0575, 0.060, 0.002), Vector4(0.435, 0.0575, 0.0595, 0.0), Vector4(0.48, 0.0575, 0.061, -0.006), Vector4(0.54, 0.056, 0.062, -0.010),
	Vector4(0.62, 0.051, 0.056, -0.008), Vector4(0.70, 0.0475, 0.052, -0.003), Vector4(0.765, 0.049, 0.055, 0.002), Vector4(0.792, 0.051, 0.058, 0.004), Vector4(0.797, 0.046, 0.050, 0.004),
]
## Distance from the ankle to the toe, half width, and height of the shoe.
const SHOE: PackedVector4Array = [
	Vector4(-0.078, 0.018, 0.050, 0.0), Vector4(-0.070, 0.030, 0.078, 0.0), Vector4(-0.045, 0.039, 0.100, 0.0), Vector4(-0.005, 0.041, 0.108, 0.0), Vector4(0.040, 0.042, 0.098, 0.0), Vector4(0.080, 0.046, 0.078, 0.0), Vector4(0.125, 0.049, 0.064, 0.0), Vector4(0.160, 0.045, 0.056, 0.0), Vector4(0.185, 0.032, 0.046, 0.0), Vector4(0.196, 0.015, 0.034, 0.0),
]
const SOLE_HEIGHT := 0.020
## Half width and half thickness of the hand between the wrist and the knuckles.
const PALM: PackedVector4Array = [
	Vector4(-0.045, 0.026, 0.024, 0.0), Vector4(-0.015, 0.025, 0.021, 0.0), Vector4(0.008, 0.027, 0.019, 0.0), Vector4(0.035, 0.037, 0.0175, 0.002), Vector4(0.065, 0.043, 0.0165, 0.001), Vector4(0.090, 0.041, 0.0135, 0.0), Vector4(0.100, 0.034, 0.009, 0.0),
]
const FINGER_RADII: PackedFloat32Array = [0.0125, 0.0100, 0.0104, 0.0098, 0.0086]


## Adds everything below the head to [param builder].
static func build(builder: SkinBuilder, short_sleeves: bool) -> void:
	_build_trunk(builder)
	for side: int in 2:
		_build_arm(builder, side, short_sleeves)
		_build_hand(builder, side)
		_build_leg(builder, side)
		_build_shoe(builder, side)


static func _build_trunk(builder: SkinBuilder) -> void:
	var spine: PackedInt32Array = [HumanoidRig.index(&"Hips"), HumanoidRig.index(&"Spine"), HumanoidRig.index(&"Chest"), HumanoidRig.index(&"UpperChest")]
	var heights: PackedFloat32Array = [1.0, 1.12, 1.25]
	builder.tube(_stack(TORSO, spine, heights, 0.055), Part.SHIRT, 28)
	builder.tube(_stack(PELVIS, [spine[0]], [], 0.0), Part.TROUSERS, 24)
	var neck := HumanoidRig.index(&"Neck")
	builder.tube(_stack(COLLAR, [spine[3], neck], [1.50], 0.06), Part.TRIM, 24)
	builder.tube(_stack(NECK, [spine[3], neck, HumanoidRig.index(&"Head")], [1.44, 1.53], 0.03), Part.SKIN, 18)


static func _build_arm(builder: SkinBuilder, side: int, short_sleeves: bool) -> void:
	var upper := HumanoidRig.side_index(side, &"UpperArm")
	var lower := HumanoidRig.side_index(side, &"LowerArm")
	var elbow: PackedFloat32Array = [HumanoidRig.UPPER_ARM]
	if short_sleeves:
		builder.tube(_along_arm(side, SHORT_SLEEVE, [upper], [], 0.0), Part.SHIRT, 20)
		builder.tube(_along_arm(side, BARE_ARM, [upper, lower], elbow, 0.035), Part.SLEEVE, 18)
	else:
		builder.tube(_along_arm(side, LONG_SLEEVE, [upper, lower], elbow, 0.035), Part.SLEEVE, 20)
		builder.tube(_along_arm(side, WRISTBAND, [lower], [], 0.0), Part.TRIM, 18)
	builder.ball(HumanoidRig.place(lower), Vector3.ONE * (0.0425 if short_sleeves else 0.045), Part.SLEEVE, lower)


static func _build_hand(builder: SkinBuilder, side: int) -> void:
	var hand := HumanoidRig.side_index(side, &"Hand")
	var lower := HumanoidRig.side_index(side, &"LowerArm")
	var wrist := HumanoidRig.place(hand)
	var rings: Array[SkinBuilder.Ring] = []
	for row: Vector4 in PALM:
		var at := wrist + HumanoidRig.mirror(side, Vector3(row[0], -0.002, row[3]))
		var share := smoothstep(-0.02, 0.012, row[0])
		rings.append(SkinBuilder.Ring.new(at, Vector3(0.0, 0.0, row[1]), Vector3(0.0, row[2], 0.0), lower, hand, share))
	builder.tube(rings, Part.SKIN, 16)
	for finger: int in 5:
		_build_finger(builder, side, finger)


static func _build_finger(builder: SkinBuilder, side: int, finger: int) -> void:
	var direction := HumanoidRig.mirror(side, HumanoidRig.finger_direction(finger))
	var up := direction.cross(Vector3.BACK if finger > 0 else HumanoidRig.mirror(side, Vector3(0.7, 0.3, -0.7))).normalized()
	var across := direction.cross(up).normalized()
	var radius := FINGER_RADII[finger]
	var hand := HumanoidRig.side_index(side, &"Hand")
	var rings: Array[SkinBuilder.Ring] = []
	var before := hand
	for joint: int in 3:
		var bone := HumanoidRig.index(HumanoidRig.finger_bone(side, finger, joint))
		var at := HumanoidRig.place(bone)
		var length := HumanoidRig.FINGER_LENGTHS[finger][joint]
		var size := radius * (1.0 - 0.07 * joint)
		if joint == 0:
			var inside := at - direction * (0.014 if finger > 0 else 0.010)
			rings.append(_finger_ring(inside, across, up, size * (0.9 if finger > 0 else 1.15), hand, bone, 0.0))
		rings.append(_finger_ring(at, across, up, size * (1.0 if finger > 0 or joint > 0 else 1.2), before, bone, 0.5))
		rings.append(_finger_ring(at + direction * length * 0.5, across, up, size * 0.97, bone, 0, 0.0))
		if joint == 2:
			rings.append(_finger_ring(at + direction * length * 0.82, across, up, size * 0.86, bone, 0, 0.0))
			rings.append(_finger_ring(at + direction * length * 0.98, across, up, size * 0.50, bone, 0, 0.0))
		before = bone
	builder.tube(rings, Part.SKIN, 8)


static func _finger_ring(at: Vector3, across: Vector3, up: Vector3, radius: float, bone: int, other: int, share: float) -> SkinBuilder.Ring:
	return SkinBuilder.Ring.new(at, across * radius, up * radius * 0.95, bone, other, share)


static func _build_leg(builder: SkinBuilder, side: int) -> void:
	var upper := HumanoidRig.side_index(side, &"UpperLeg")
	var lower := HumanoidRig.side_index(side, &"LowerLeg")
	var hip := HumanoidRig.place(upper)
	var rings: Array[SkinBuilder.Ring] = []
	for row: Vector4 in LEG:
		var at := hip + Vector3(0.0, -row[0], row[3])
		var share := smoothstep(HumanoidRig.THIGH - 0.045, HumanoidRig.THIGH + 0.045, row[0])
		rings.append(SkinBuilder.Ring.new(at, Vector3(row[1], 0.0, 0.0), Vector3(0.0, 0.0, row[2]), upper, lower, share))
	builder.tube(rings, Part.TROUSERS, 18)
	builder.ball(HumanoidRig.place(lower), Vector3(0.0555, 0.056, 0.0575), Part.TROUSERS, lower)
	builder.ball(hip + Vector3(0.0, 0.0, -0.006), Vector3(0.066, 0.078, 0.086), Part.TROUSERS, upper)


static func _build_shoe(builder: SkinBuilder, side: int) -> void:
	var foot := HumanoidRig.side_index(side, &"Foot")
	var toes := HumanoidRig.side_index(side, &"Toes")
	var ankle := HumanoidRig.place(foot)
	var upper: Array[SkinBuilder.Ring] = []
	var sole: Array[SkinBuilder.Ring] = []
	for row: Vector4 in SHOE:
		var share := smoothstep(HumanoidRig.FOOT - 0.045, HumanoidRig.FOOT + 0.02, row[0])
		var lean := HumanoidRig.mirror(side, Vector3(0.010 * smoothstep(0.0, 0.19, row[0]), 0.0, 0.0))
		var middle := Vector3(ankle.x, row[2] * 0.42, ankle.z + row[0]) + lean
		upper.append(SkinBuilder.Ring.new(middle, Vector3(row[1], 0.0, 0.0), Vector3(0.0, row[2] * 0.58, 0.0), foot, toes, share))
		var low := Vector3(middle.x, SOLE_HEIGHT * 0.5, ankle.z + row[0] * 1.03)
		sole.append(SkinBuilder.Ring.new(low, Vector3(row[1] * 1.03 + 0.003, 0.0, 0.0), Vector3(0.0, SOLE_HEIGHT * 0.5, 0.0), foot, toes, share))
	builder.tube(upper, Part.SHOES, 18, SOLE_HEIGHT * 0.5)
	builder.tube(sole, Part.SOLE, 18, 0.0)
	builder.ball(ankle + Vector3(0.0, 0.012, 0.0), Vector3(0.040, 0.040, 0.044), Part.TRIM, foot)


# Level rings from bottom to top. Between [param bones] they bend at [param joints], the heights of all but the first.
static func _stack(rows: PackedVector4Array, bones: PackedInt32Array, joints: PackedFloat32Array, blend: float) -> Array[SkinBuilder.Ring]:
	var rings: Array[SkinBuilder.Ring] = []
	for row: Vector4 in rows:
		rings.append(_bent(Vector3(0.0, row[0], row[3]), Vector3(row[1], 0.0, 0.0), Vector3(0.0, 0.0, row[2]), row[0], bones, joints, blend))
	return rings


static func _along_arm(side: int, rows: PackedVector4Array, bones: PackedInt32Array, joints: PackedFloat32Array, blend: float) -> Array[SkinBuilder.Ring]:
	var rings: Array[SkinBuilder.Ring] = []
	var shoulder := HumanoidRig.SIDE[&"UpperArm"]
	for row: Vector4 in rows:
		var at := HumanoidRig.mirror(side, shoulder + Vector3(row[0], 0.0, 0.0))
		rings.append(_bent(at, Vector3(0.0, 0.0, row[1]), Vector3(0.0, row[1], 0.0), row[0], bones, joints, blend))
	return rings


static func _bent(at: Vector3, across: Vector3, along: Vector3, way: float, bones: PackedInt32Array, joints: PackedFloat32Array, blend: float) -> SkinBuilder.Ring:
	for i: int in joints.size():
		if way < joints[i] + blend:
			return SkinBuilder.Ring.new(at, across, along, bones[i], bones[i + 1], smoothstep(joints[i] - blend, joints[i] + blend, way))
	return SkinBuilder.Ring.new(at, across, along, bones[bones.size() - 1])
