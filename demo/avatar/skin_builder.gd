## Builds one mesh that bends with a skeleton: tubes along limbs, balls in joints, and rigid shapes.
##
## The texture coordinate holds the part that a corner belongs to, by which the shader colors it.
class_name SkinBuilder
extends RefCounted


## One cross-section of a tube.
class Ring:
	var centre: Vector3
	## The half axes of the ellipse, with their lengths in metres.
	var across: Vector3
	var along: Vector3
	## The ring follows [member bone], and [member other] to the part [member share].
	var bone: int
	var other: int
	var share: float

	func _init(at: Vector3, first_axis: Vector3, second_axis: Vector3, first_bone: int, second_bone: int = 0, second_share: float = 0.0) -> void:
		centre = at
		across = first_axis
		along = second_axis
		bone = first_bone
		other = second_bone
		share = second_share


var _vertices := PackedVector3Array()
var _normals := PackedVector3Array()
var _parts := PackedVector2Array()
var _bones := PackedInt32Array()
var _weights := PackedFloat32Array()
var _indices := PackedInt32Array()


## A tube through [param rings], closed at both ends. Corners below [param floor_height] are lifted to it.
func tube(rings: Array[Ring], part: int, segments: int = 16, floor_height: float = -1.0) -> void:
	var first := _vertices.size()
	for ring: Ring in rings:
		for s: int in segments:
			var angle := TAU * s / segments
			var at := ring.centre + ring.across * cos(angle) + ring.along * sin(angle)
			_corner(Vector3(at.x, maxf(at.y, floor_height), at.z), part, ring)
	for i: int in rings.size() - 1:
		for s: int in segments:
			var a := first + i * segments + s
			var b := first + i * segments + (s + 1) % segments
			_indices.append_array([a, b, a + segments, b, b + segments, a + segments])
	_cap(first, rings[0], part, segments, true)
	_cap(first + (rings.size() - 1) * segments, rings[-1], part, segments, false)
	_find_normals(first)


## A ball around [param at] that follows [param bone].
func ball(at: Vector3, radii: Vector3, part: int, bone: int, segments: int = 14) -> void:
	var sphere := SphereMesh.new()
	sphere.radius = 1.0
	sphere.height = 2.0
	sphere.radial_segments = segments
	@warning_ignore("integer_division")
	sphere.rings = segments / 2
	shape(sphere.get_mesh_arrays(), Transform3D(Basis.from_scale(radii), at), part, bone)


## A finished shape that follows [param bone].
func shape(arrays: Array, place: Transform3D, part: int, bone: int) -> void:
	var vertices: PackedVector3Array = arrays[Mesh.ARRAY_VERTEX]
	var normals: PackedVector3Array = arrays[Mesh.ARRAY_NORMAL]
	var indices: PackedInt32Array = arrays[Mesh.ARRAY_INDEX]
	var first := _vertices.size()
	var normal_turn := place.basis.inverse().transposed()
	for i: int in vertices.size():
		_vertices.append(place * vertices[i])
		_normals.append((normal_turn * normals[i]).normalized())
		_follow(part, bone, 0, 0.0)
	for i: int in indices:
		_indices.append(first + i)


## The finished mesh.
func commit() -> ArrayMesh:
	var arrays: Array = []
	arrays.resize(Mesh.ARRAY_MAX)
	arrays[Mesh.ARRAY_VERTEX] = _vertices
	arrays[Mesh.ARRAY_NORMAL] = _normals
	arrays[Mesh.ARRAY_TEX_UV] = _parts
	arrays[Mesh.ARRAY_BONES] = _bones
	arrays[Mesh.ARRAY_WEIGHTS] = _weights
	arrays[Mesh.ARRAY_INDEX] = _indices
	var mesh := ArrayMesh.new()
	mesh.add_surface_from_arrays(Mesh.PRIMITIVE_TRIANGLES, arrays)
	return mesh


func _corner(at: Vector3, part: int, ring: Ring) -> void:
	_vertices.append(at)
	_normals.append(Vector3.ZERO)
	_follow(part, ring.bone, ring.other, ring.share)


func _follow(part: int, bone: int, other: int, share: float) -> void:
	_parts.append(Vector2(part + 0.5, 0.0))
	_bones.append_array([bone, other, 0, 0])
	_weights.append_array([1.0 - share, share, 0.0, 0.0])


func _cap(first: int, ring: Ring, part: int, segments: int, begins: bool) -> void:
	var middle := _vertices.size()
	var at := Vector3.ZERO
	for s: int in segments:
		at += _vertices[first + s] / segments
	_corner(at, part, ring)
	for s: int in segments:
		var next := first + (s + 1) % segments
		if begins:
			_indices.append_array([middle, next, first + s])
		else:
			_indices.append_array([middle, first + s, next])


# Smooth over the tube: each corner looks where the faces around it look on average.
# Tubes may run in either direction along their bones, so the faces are turned outwards first.
func _find_normals(first: int) -> void:
	var begin := _indices.size()
	while begin > 0 and _indices[begin - 1] >= first:
		begin -= 1
	if _volume(begin) > 0.0:
		for i: int in range(begin, _indices.size(), 3):
			var swapped := _indices[i + 1]
			_indices[i + 1] = _indices[i + 2]
			_indices[i + 2] = swapped
	for i: int in range(begin, _indices.size(), 3):
		var a := _vertices[_indices[i]]
		var normal := (_vertices[_indices[i + 2]] - a).cross(_vertices[_indices[i + 1]] - a)
		for corner: int in 3:
			_normals[_indices[i + corner]] += normal
	for i: int in range(first, _vertices.size()):
		_normals[i] = _normals[i].normalized()


# Six times the volume inside the faces from [param begin] on; positive when they are wound to be seen from inside.
func _volume(begin: int) -> float:
	var origin := _vertices[_indices[begin]]
	var sum := 0.0
	for i: int in range(begin, _indices.size(), 3):
		var a := _vertices[_indices[i]] - origin
		sum += a.dot((_vertices[_indices[i + 1]] - origin).cross(_vertices[_indices[i + 2]] - origin))
	return sum
