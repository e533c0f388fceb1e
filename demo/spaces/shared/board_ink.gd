## The lines on a [Whiteboard], drawn as one mesh in the order in which they were begun.
##
## A line is made of pieces; each is a short polyline with a color and a width. The eraser is a wide line in the
## color of the board.
class_name BoardInk
extends MeshInstance3D

## What can be drawn with; the last one erases.
const COLORS: PackedColorArray = [Color("1f2430"), Color("d63a45"), Color("2266c9"), Color("1f8f58"), Color("e08a1e"), Whiteboard.SURFACE]
const ERASER := 5
## Widths of a line in metres.
const WIDTHS: PackedFloat32Array = [0.012, 0.030, 0.120]
## Bends of more than this, as a cosine, are rounded; corners of the round.
const STRAIGHT := 0.94
const ROUND := 10


## One piece of a line.
class Piece:
	## Places on the board, see [method Whiteboard.find_place].
	var points := PackedVector2Array()
	var color := 0
	var width := 0
	var _vertices := PackedVector3Array()
	var _colors := PackedColorArray()


var _pieces: Dictionary[StringName, Piece] = {}
var _order: PackedStringArray = []
var _is_changed := false


func _init() -> void:
	var ink := StandardMaterial3D.new()
	ink.shading_mode = BaseMaterial3D.SHADING_MODE_UNSHADED
	ink.vertex_color_use_as_albedo = true
	ink.vertex_color_is_srgb = true
	ink.transparency = BaseMaterial3D.TRANSPARENCY_ALPHA
	ink.depth_draw_mode = BaseMaterial3D.DEPTH_DRAW_DISABLED
	ink.cull_mode = BaseMaterial3D.CULL_DISABLED
	material_override = ink
	cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_OFF


## Shows [param piece] under [param key]. Pieces are drawn in the order of their keys.
func put(key: StringName, piece: Piece) -> void:
	if not _pieces.has(key):
		_order.insert(_order.bsearch(key), key)
	_pieces[key] = piece
	_trace(piece)
	_is_changed = true


## Takes the piece [param key] away.
func remove(key: StringName) -> void:
	if not _pieces.erase(key):
		return
	_order.remove_at(_order.bsearch(key))
	_is_changed = true


## The keys of all pieces, oldest first.
func get_keys() -> PackedStringArray:
	return _order


func _process(_delta: float) -> void:
	if not _is_changed:
		return
	_is_changed = false
	var vertices := PackedVector3Array()
	var colors := PackedColorArray()
	for key: StringName in _order:
		vertices.append_array(_pieces[key]._vertices)
		colors.append_array(_pieces[key]._colors)
	mesh = _commit(vertices, colors) if not vertices.is_empty() else null


func _commit(vertices: PackedVector3Array, colors: PackedColorArray) -> ArrayMesh:
	var normals := PackedVector3Array()
	normals.resize(vertices.size())
	normals.fill(Vector3.BACK)
	var arrays: Array = []
	arrays.resize(Mesh.ARRAY_MAX)
	arrays[Mesh.ARRAY_VERTEX] = vertices
	arrays[Mesh.ARRAY_NORMAL] = normals
	arrays[Mesh.ARRAY_COLOR] = colors
	var drawn := ArrayMesh.new()
	drawn.add_surface_from_arrays(Mesh.PRIMITIVE_TRIANGLES, arrays)
	return drawn


func _trace(piece: Piece) -> void:
	piece._vertices.clear()
	var half := WIDTHS[piece.width] / 2.0
	var last := piece.points.size() - 1
	for i: int in last + 1:
		var at := _to_board(piece.points[i])
		if i == 0 or i == last or _is_sharp(piece.points, i):
			_add_disc(piece, at, half)
		if i < last:
			_add_segment(piece, at, _to_board(piece.points[i + 1]), _side(piece.points, i, i) * half, _side(piece.points, i, i + 1) * half)
	piece._colors.resize(piece._vertices.size())
	piece._colors.fill(COLORS[piece.color])


func _is_sharp(points: PackedVector2Array, i: int) -> bool:
	var before := _to_board(points[i]) - _to_board(points[i - 1])
	var after := _to_board(points[i + 1]) - _to_board(points[i])
	return before.normalized().dot(after.normalized()) < STRAIGHT


# Where the edge of the segment that begins at [param segment] is, at its end [param i]: in a gentle bend both segments
# share it.
func _side(points: PackedVector2Array, segment: int, i: int) -> Vector3:
	var is_shared := i > 0 and i < points.size() - 1 and not _is_sharp(points, i)
	var before := _to_board(points[i - 1 if is_shared else segment])
	var after := _to_board(points[i + 1 if is_shared else segment + 1])
	return (after - before).normalized().cross(Vector3.BACK)


func _add_segment(piece: Piece, from: Vector3, to: Vector3, from_side: Vector3, to_side: Vector3) -> void:
	piece._vertices.append_array([from - from_side, from + from_side, to + to_side, from - from_side, to + to_side, to - to_side])


func _add_disc(piece: Piece, at: Vector3, half: float) -> void:
	for i: int in ROUND:
		var a := Vector3(cos(TAU * i / ROUND), sin(TAU * i / ROUND), 0.0) * half
		var b := Vector3(cos(TAU * (i + 1) / ROUND), sin(TAU * (i + 1) / ROUND), 0.0) * half
		piece._vertices.append_array([at, at + b, at + a])


func _to_board(place: Vector2) -> Vector3:
	return Vector3((place.x - 0.5) * Whiteboard.WIDTH, (0.5 - place.y) * Whiteboard.HEIGHT, 0.0)
