## Models the head of a figure: face, ears and one of the hair styles.
class_name FigureHead
extends RefCounted

## Middle of the skull in the rest pose, in metres.
const MIDDLE := Vector3(0.0, 1.638, 0.004)

const _P := FigureBody.Part


## Adds the head with [param hair] to [param builder].
static func build(builder: SkinBuilder, hair: FigureLook.Hair) -> void:
	var head := HumanoidRig.index(&"Head")
	_build_skull(builder, head)
	_build_face(builder, head)
	FigureHair.build(builder, hair)


# From the chin to the crown: height, half width, half depth, how far forward.
static func _build_skull(builder: SkinBuilder, head: int) -> void:
	var rows: PackedVector4Array = [
		Vector4(-0.128, 0.012, 0.012, 0.050), Vector4(-0.124, 0.030, 0.030, 0.045), Vector4(-0.112, 0.050, 0.055, 0.032), Vector4(-0.090, 0.070, 0.078, 0.016), Vector4(-0.055, 0.087, 0.094, 0.005), Vector4(-0.010, 0.097, 0.105, -0.002),
		Vector4(0.035, 0.101, 0.111, -0.005), Vector4(0.075, 0.094, 0.104, -0.008), Vector4(0.105, 0.077, 0.085, -0.010), Vector4(0.124, 0.050, 0.056, -0.010), Vector4(0.133, 0.018, 0.022, -0.010),
	]
	var rings: Array[SkinBuilder.Ring] = []
	for row: Vector4 in rows:
		rings.append(SkinBuilder.Ring.new(MIDDLE + Vector3(0.0, row[0], row[3]), Vector3(row[1], 0.0, 0.0), Vector3(0.0, 0.0, row[2]), head))
	builder.tube(rings, _P.SKIN, 26)


static func _build_face(builder: SkinBuilder, head: int) -> void:
	builder.ball(MIDDLE + Vector3(0.0, -0.030, 0.104), Vector3(0.0145, 0.021, 0.0205), _P.SKIN, head, 12)
	_build_smile(builder)
	for side: int in 2:
		var eye := HumanoidRig.side_index(side, &"Eye")
		var at := HumanoidRig.place(eye)
		var turn := Basis(Vector3.UP, (0.42 if side == 0 else -0.42))
		var oval := Transform3D(turn * Basis.from_scale(Vector3(0.0135, 0.0205, 0.0085)), at)
		builder.shape(_ball(), oval, _P.EYES, eye)
		builder.ball(at + Vector3(-0.004, 0.0085, 0.0078), Vector3.ONE * 0.0042, _P.GLINT, eye, 8)
		_build_brow(builder, side, head)
		var ear := MIDDLE + HumanoidRig.mirror(side, Vector3(0.099, -0.012, -0.012))
		builder.ball(ear, Vector3(0.014, 0.029, 0.020), _P.SKIN, head, 12)


static func _build_brow(builder: SkinBuilder, side: int, head: int) -> void:
	var rings: Array[SkinBuilder.Ring] = []
	for i: int in 5:
		var way := i / 4.0
		var at := MIDDLE + HumanoidRig.mirror(side, Vector3(0.022 + 0.042 * way, 0.052 + 0.009 * sin(way * 2.9) - 0.002 * way, 0.1035 - 0.026 * way * way))
		var thick := 0.0052 * sin(0.5 + way * 2.3)
		rings.append(SkinBuilder.Ring.new(at, Vector3(0.0, thick, 0.0), Vector3(0.0, 0.0, thick), head))
	builder.tube(rings, _P.HAIR, 8)


static func _build_smile(builder: SkinBuilder) -> void:
	var jaw := HumanoidRig.index(&"Jaw")
	var rings: Array[SkinBuilder.Ring] = []
	for i: int in 9:
		var way := i / 4.0 - 1.0
		var at := MIDDLE + Vector3(0.034 * way, -0.084 + 0.013 * way * way, 0.0945 - 0.0085 * way * way)
		var thick := 0.0042 * (1.15 - way * way)
		rings.append(SkinBuilder.Ring.new(at, Vector3(0.0, thick, 0.0), Vector3(0.0, 0.0, thick), jaw))
	builder.tube(rings, _P.MOUTH, 8)


static func _ball() -> Array:
	var sphere := SphereMesh.new()
	sphere.radius = 1.0
	sphere.height = 2.0
	sphere.radial_segments = 14
	sphere.rings = 8
	return sphere.get_mesh_arrays()
