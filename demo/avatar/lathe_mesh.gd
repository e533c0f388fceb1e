## Turns an outline around the vertical axis: the rounded parts of figures and scenery.
class_name LatheMesh
extends RefCounted

const SMOOTHING := 4


## A closed surface around the Y axis. [param outline] holds (radius, height) pairs in metres from bottom to top;
## [param flatten] scales the depth (Z); [param segments] is the number of sides.
static func build(outline: PackedVector2Array, flatten: float = 1.0, segments: int = 20) -> ArrayMesh:
	var arrays := surface(outline, flatten, segments)
	var mesh := ArrayMesh.new()
	mesh.add_surface_from_arrays(Mesh.PRIMITIVE_TRIANGLES, arrays)
	return mesh


## The arrays of one surface, for meshes that hold several.
static func surface(outline: PackedVector2Array, flatten: float, segments: int) -> Array:
	return sweep(_smooth(outline), flatten, segments)


## The arrays of one surface whose outline is [param curve] as it is.
static func sweep(curve: PackedVector2Array, flatten: float, segments: int) -> Array:
	var vertices := PackedVector3Array()
	var normals := PackedVector3Array()
	var indices := PackedInt32Array()
	for i: int in curve.size():
		var slope := curve[mini(i + 1, curve.size() - 1)] - curve[maxi(i - 1, 0)]
		for s: int in segments + 1:
			var angle := TAU * s / segments
			var around := Vector3(sin(angle), 0.0, cos(angle))
			vertices.append(Vector3(around.x * curve[i].x, curve[i].y, around.z * curve[i].x * flatten))
			normals.append(Vector3(around.x * slope.y, -slope.x, around.z * slope.y / flatten).normalized())
	for i: int in curve.size() - 1:
		for s: int in segments:
			var a := i * (segments + 1) + s
			var b := a + segments + 1
			indices.append_array([a, b, a + 1, a + 1, b, b + 1])
	var arrays: Array = []
	arrays.resize(Mesh.ARRAY_MAX)
	arrays[Mesh.ARRAY_VERTEX] = vertices
	arrays[Mesh.ARRAY_NORMAL] = normals
	arrays[Mesh.ARRAY_INDEX] = indices
	return arrays


## The outline of an upright limb that hangs from the origin: a tapered capsule, [param length] metres down.
static func limb(top_radius: float, bottom_radius: float, length: float) -> PackedVector2Array:
	var outline := PackedVector2Array()
	for i: int in 5:
		var angle := PI / 2.0 * i / 4.0
		outline.append(Vector2(sin(angle) * bottom_radius, -length - cos(angle) * bottom_radius))
	for i: int in 5:
		var angle := PI / 2.0 * i / 4.0
		outline.append(Vector2(cos(angle) * top_radius, sin(angle) * top_radius))
	return outline


## The outline of an egg around the origin, [param height] metres tall and [param radius] wide at its thickest.
static func egg(radius: float, height: float, narrowing: float = 0.0) -> PackedVector2Array:
	var outline := PackedVector2Array()
	for i: int in 9:
		var angle := PI * i / 8.0
		var y := -cos(angle)
		outline.append(Vector2(sin(angle) * radius * (1.0 + narrowing * y), y * height / 2.0))
	return outline


# A centripetal Catmull-Rom curve: it does not overshoot where near and far points alternate.
static func _smooth(outline: PackedVector2Array) -> PackedVector2Array:
	var curve := PackedVector2Array()
	var last := outline.size() - 1
	for i: int in last:
		var from := outline[i]
		var to := outline[i + 1]
		var before := outline[i - 1] if i > 0 else from * 2.0 - to
		var after := outline[i + 2] if i + 2 <= last else to * 2.0 - from
		var step_time := sqrt(from.distance_to(to))
		var before_time := -sqrt(before.distance_to(from))
		var after_time := step_time + sqrt(to.distance_to(after))
		for step: int in SMOOTHING:
			var weight := float(step) / SMOOTHING
			curve.append(from.cubic_interpolate_in_time(to, before, after, weight, step_time, before_time, after_time))
	curve.append(outline[last])
	for i: int in curve.size():
		curve[i].x = maxf(curve[i].x, 0.0)
	return curve
