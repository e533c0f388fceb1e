## The shapes that figures are made of. Each is built once and shared by all figures.
class_name FigureMeshes
extends RefCounted

static var _built: Dictionary[StringName, Mesh] = {}


## The shape called [param shape].
static func take(shape: StringName) -> Mesh:
	if not _built.has(shape):
		_built[shape] = _build(shape)
	return _built[shape]


static func _build(shape: StringName) -> Mesh:
	match shape:
		&"pelvis":
			return _lathe([0.0, -0.085, 0.09, -0.075, 0.148, -0.02, 0.156, 0.05, 0.148, 0.12, 0.08, 0.15, 0.0, 0.155], 0.70, 24)
		&"torso":
			return _lathe([
				0.0, -0.065, 0.12, -0.07, 0.163, -0.068, 0.168, -0.05, 0.157, 0.08, 0.172, 0.22, 0.192, 0.33,
				0.186, 0.385, 0.145, 0.43, 0.085, 0.46, 0.062, 0.468, 0.0, 0.47,
			], 0.70, 26)
		&"neck":
			return _lathe([0.0, 0.42, 0.058, 0.425, 0.052, 0.49, 0.056, 0.54, 0.0, 0.55], 0.95, 16)
		&"head":
			return LatheMesh.build(LatheMesh.egg(0.138, 0.325, 0.10), 0.98, 26)
		&"nose":
			return LatheMesh.build(LatheMesh.egg(0.020, 0.036), 1.2, 10)
		&"ear":
			return LatheMesh.build(LatheMesh.egg(0.030, 0.075), 0.6, 10)
		&"eye":
			return LatheMesh.build(LatheMesh.egg(0.0195, 0.050), 0.5, 12)
		&"glint":
			return LatheMesh.build(LatheMesh.egg(0.0055, 0.011), 1.0, 8)
		&"brow":
			return LatheMesh.build(LatheMesh.limb(0.0065, 0.0065, 0.036), 1.0, 8)
		&"smile":
			return _smile()
		&"upper_arm":
			return LatheMesh.build(LatheMesh.limb(0.066, 0.050, Figure.UPPER_ARM), 1.0, 16)
		&"forearm":
			return LatheMesh.build(LatheMesh.limb(0.050, 0.040, Figure.FOREARM - 0.06), 1.0, 16)
		&"hand":
			return _lathe([0.0, -0.145, 0.030, -0.14, 0.042, -0.09, 0.043, -0.05, 0.032, 0.0, 0.030, 0.05, 0.0, 0.055], 0.75, 14)
		&"thigh":
			return LatheMesh.build(LatheMesh.limb(0.086, 0.062, Figure.THIGH), 1.0, 18)
		&"shin":
			return _lathe([
				0.0, 0.005 - Figure.SHIN, 0.054, 0.01 - Figure.SHIN, 0.058, -0.28, 0.064, -0.10, 0.062, 0.0, 0.045, 0.045, 0.0, 0.062,
			], 1.0, 18)
		&"shoe":
			return _lathe([0.0, -0.135, 0.038, -0.125, 0.052, -0.07, 0.048, 0.02, 0.050, 0.075, 0.034, 0.105, 0.0, 0.11], 0.95, 16)
		&"hair_cap":
			return _lathe([0.0, -0.095, 0.10, -0.09, 0.142, -0.02, 0.152, 0.04, 0.138, 0.105, 0.085, 0.152, 0.0, 0.17], 0.92, 22)
		&"hair_ball":
			return _ball()
	push_error("no such shape: %s" % shape)
	return null


# Radius and height in turn, from bottom to top.
static func _lathe(numbers: PackedFloat64Array, flatten: float, segments: int) -> ArrayMesh:
	var outline := PackedVector2Array()
	for i: int in range(0, numbers.size(), 2):
		outline.append(Vector2(numbers[i], numbers[i + 1]))
	return LatheMesh.build(outline, flatten, segments)


static func _ball() -> SphereMesh:
	var ball := SphereMesh.new()
	ball.radius = 1.0
	ball.height = 2.0
	ball.radial_segments = 16
	ball.rings = 8
	return ball


# The lower part of a ring, bent around the face.
static func _smile() -> ArrayMesh:
	var ring := TorusMesh.new()
	ring.inner_radius = 0.040
	ring.outer_radius = 0.049
	ring.rings = 24
	ring.ring_segments = 6
	var arrays := ring.get_mesh_arrays()
	var vertices: PackedVector3Array = arrays[Mesh.ARRAY_VERTEX]
	var indices: PackedInt32Array = arrays[Mesh.ARRAY_INDEX]
	var lower := PackedInt32Array()
	for i: int in range(0, indices.size(), 3):
		if vertices[indices[i]].z > 0.024 and vertices[indices[i + 1]].z > 0.024 and vertices[indices[i + 2]].z > 0.024:
			lower.append_array(indices.slice(i, i + 3))
	for i: int in vertices.size():
		var v := vertices[i]
		vertices[i] = Vector3(v.x, -v.z + 0.035, v.y - 0.012 + v.x * v.x * 5.0)
	var kept: Array = []
	kept.resize(Mesh.ARRAY_MAX)
	kept[Mesh.ARRAY_VERTEX] = vertices
	kept[Mesh.ARRAY_NORMAL] = arrays[Mesh.ARRAY_NORMAL]
	kept[Mesh.ARRAY_INDEX] = lower
	var mesh := ArrayMesh.new()
	mesh.add_surface_from_arrays(Mesh.PRIMITIVE_TRIANGLES, kept)
	return mesh
