## Puts rounded boxes, turned shapes and blobs together into one mesh with a color at every corner.
class_name MeshBuilder
extends RefCounted

var _vertices := PackedVector3Array()
var _normals := PackedVector3Array()
var _colors := PackedColorArray()
var _indices := PackedInt32Array()


## A box around [param at] with rounded edges; [param bevel] is their radius in metres.
func box(size: Vector3, at: Vector3, color: Color, bevel: float = 0.012, turn: Basis = Basis.IDENTITY) -> void:
	var half := size / 2.0
	var radius := minf(bevel, minf(half.x, minf(half.y, half.z)))
	var inner := half - Vector3.ONE * radius
	for axis: int in 3:
		for side: float in [-1.0, 1.0]:
			_box_face(axis, side, half, inner, radius, Transform3D(turn, at), color)


## An outline of (radius, height) pairs turned around the vertical axis, see [LatheMesh].
func lathe(outline: PackedVector2Array, at: Vector3, color: Color, segments: int = 14, turn: Basis = Basis.IDENTITY) -> void:
	var arrays := LatheMesh.surface(outline, 1.0, segments)
	_append(arrays, Transform3D(turn, at), color)


## A cylinder that stands on [param at].
func pole(radius: float, height: float, at: Vector3, color: Color, segments: int = 12, turn: Basis = Basis.IDENTITY) -> void:
	var rim := minf(radius, height) * 0.2
	var outline := PackedVector2Array([
		Vector2(0.0, 0.0), Vector2(radius - rim, 0.0), Vector2(radius, rim), Vector2(radius, height - rim), Vector2(radius - rim, height), Vector2(0.0, height),
	])
	_append(LatheMesh.sweep(outline, 1.0, segments), Transform3D(turn, at), color)


## An egg around [param at]; [param roughness] is how far its surface wanders, as a part of its size.
func blob(radii: Vector3, at: Vector3, color: Color, roughness: float = 0.0, chance: int = 0) -> void:
	var sphere := SphereMesh.new()
	sphere.radius = 1.0
	sphere.height = 2.0
	sphere.radial_segments = 12
	sphere.rings = 7
	var arrays := sphere.get_mesh_arrays()
	if roughness > 0.0:
		_roughen(arrays, roughness, chance)
	_append(arrays, Transform3D(Basis.from_scale(radii), at), color)


## A triangle seen from both sides.
func leaf(a: Vector3, b: Vector3, c: Vector3, color: Color, tip_color: Color) -> void:
	var first := _vertices.size()
	var normal := ((b - a).cross(c - a).normalized() + Vector3.UP * 1.5).normalized()
	for corner: Vector3 in [a, b, c]:
		_vertices.append(corner)
		_normals.append(normal)
	_colors.append_array([color, color, tip_color])
	_indices.append_array([first, first + 1, first + 2, first, first + 2, first + 1])


## A flat face with the corners [param a] to [param d] in clockwise order, seen from the front.
func quad(a: Vector3, b: Vector3, c: Vector3, d: Vector3, color: Color) -> void:
	var first := _vertices.size()
	var normal := (d - a).cross(b - a).normalized()
	for corner: Vector3 in [a, b, c, d]:
		_vertices.append(corner)
		_normals.append(normal)
		_colors.append(color)
	_indices.append_array([first, first + 1, first + 2, first, first + 2, first + 3])


## Darkens what is near the ground, as if little light came there; up to [param height] metres.
func shade_ground(height: float, darkest: float) -> void:
	for i: int in _vertices.size():
		var light := lerpf(darkest, 1.0, smoothstep(0.0, height, _vertices[i].y))
		var color := _colors[i]
		_colors[i] = Color(color.r * light, color.g * light, color.b * light)


## Darkens what looks down, the underside of foliage.
func shade_below(darkest: float) -> void:
	for i: int in _vertices.size():
		var light := lerpf(darkest, 1.0, smoothstep(-0.9, 0.5, _normals[i].y))
		var color := _colors[i]
		_colors[i] = Color(color.r * light, color.g * light, color.b * light)


## The finished mesh.
func commit() -> ArrayMesh:
	var arrays: Array = []
	arrays.resize(Mesh.ARRAY_MAX)
	arrays[Mesh.ARRAY_VERTEX] = _vertices
	arrays[Mesh.ARRAY_NORMAL] = _normals
	arrays[Mesh.ARRAY_COLOR] = _colors
	arrays[Mesh.ARRAY_INDEX] = _indices
	var mesh := ArrayMesh.new()
	mesh.add_surface_from_arrays(Mesh.PRIMITIVE_TRIANGLES, arrays)
	return mesh


func _append(arrays: Array, place: Transform3D, color: Color) -> void:
	var vertices: PackedVector3Array = arrays[Mesh.ARRAY_VERTEX]
	var normals: PackedVector3Array = arrays[Mesh.ARRAY_NORMAL]
	var indices: PackedInt32Array = arrays[Mesh.ARRAY_INDEX]
	var first := _vertices.size()
	var normal_turn := place.basis.inverse().transposed()
	_vertices.append_array(place * vertices)
	for normal: Vector3 in normals:
		_normals.append((normal_turn * normal).normalized())
		_colors.append(color)
	for index: int in indices:
		_indices.append(first + index)


func _box_face(axis: int, side: float, half: Vector3, inner: Vector3, radius: float, place: Transform3D, color: Color) -> void:
	var u := (axis + 1) % 3
	var v := (axis + 2) % 3
	var first := _vertices.size()
	for i: int in 4:
		for j: int in 4:
			var corner := Vector3.ZERO
			corner[axis] = side * half[axis]
			corner[u] = _grid(i, half[u], inner[u])
			corner[v] = _grid(j, half[v], inner[v])
			var core := corner.clamp(-inner, inner)
			var normal := (corner - core).normalized()
			_vertices.append(place * (core + normal * radius))
			_normals.append(place.basis * normal)
			_colors.append(color)
	for i: int in 3:
		for j: int in 3:
			var a := first + i * 4 + j
			if side > 0.0:
				_indices.append_array([a, a + 1, a + 4, a + 1, a + 5, a + 4])
			else:
				_indices.append_array([a, a + 4, a + 1, a + 1, a + 4, a + 5])


func _grid(i: int, half: float, inner: float) -> float:
	match i:
		0:
			return -half
		1:
			return -inner
		2:
			return inner
		_:
			return half


func _roughen(arrays: Array, roughness: float, chance: int) -> void:
	var noise := FastNoiseLite.new()
	noise.seed = chance
	noise.frequency = 1.1
	var vertices: PackedVector3Array = arrays[Mesh.ARRAY_VERTEX]
	for i: int in vertices.size():
		vertices[i] *= 1.0 + roughness * noise.get_noise_3dv(vertices[i])
	arrays[Mesh.ARRAY_VERTEX] = vertices
