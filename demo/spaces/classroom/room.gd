## The classroom's walls with three windows on the left, floor, ceiling and skirting.
@tool
extends Prop

const WIDTH := 14.0
const DEPTH := 12.0
const HEIGHT := 3.6
const WALL := Color("f4e3c8")
const LOW_WALL := Color("8fb5a5")
const TRIM := Color("fbf5ea")
const WINDOW_WIDTH := 2.5
const SILL := 0.95
const LINTEL := 3.05
const WINDOWS: PackedFloat32Array = [-3.7, 0.0, 3.7]
const THICK := 0.25


func _build(builder: MeshBuilder) -> void:
	_build_wall(builder, Vector3(0.0, 0.0, -DEPTH / 2.0), WIDTH, 0.0)
	_build_wall(builder, Vector3(0.0, 0.0, DEPTH / 2.0), WIDTH, PI)
	_build_wall(builder, Vector3(WIDTH / 2.0, 0.0, 0.0), DEPTH, -PI / 2.0)
	_build_window_wall(builder)
	_build_beams(builder)


func _furnish() -> void:
	_add_solid(Vector3(WIDTH, 0.4, DEPTH), Vector3(0.0, -0.2, 0.0))
	_add_solid(Vector3(WIDTH, 0.4, DEPTH), Vector3(0.0, HEIGHT + 0.2, 0.0))
	for side: float in [-1.0, 1.0]:
		_add_solid(Vector3(0.4, HEIGHT, DEPTH), Vector3(side * (WIDTH / 2.0 + 0.2), HEIGHT / 2.0, 0.0))
		_add_solid(Vector3(WIDTH, HEIGHT, 0.4), Vector3(0.0, HEIGHT / 2.0, side * (DEPTH / 2.0 + 0.2)))


# A wall whose face lies at [param at] and looks along +Z before it is turned.
func _build_wall(builder: MeshBuilder, at: Vector3, length: float, angle: float) -> void:
	var turn := Basis(Vector3.UP, angle)
	_slab(builder, Vector3(length + THICK * 2.0, HEIGHT - 1.0, THICK), at, Vector3(0.0, (HEIGHT + 1.0) / 2.0, -THICK / 2.0), turn, WALL)
	_slab(builder, Vector3(length + THICK * 2.0, 1.0, THICK), at, Vector3(0.0, 0.5, -THICK / 2.0), turn, LOW_WALL)
	_slab(builder, Vector3(length, 0.06, 0.05), at, Vector3(0.0, 1.0, 0.0), turn, TRIM)
	_slab(builder, Vector3(length, 0.14, 0.06), at, Vector3(0.0, 0.07, 0.0), turn, TRIM)
	_slab(builder, Vector3(length, 0.09, 0.09), at, Vector3(0.0, HEIGHT - 0.045, 0.0), turn, TRIM)


func _slab(builder: MeshBuilder, size: Vector3, wall: Vector3, at: Vector3, turn: Basis, color: Color) -> void:
	builder.box(size, wall + turn * at, color, 0.006, turn)


func _build_window_wall(builder: MeshBuilder) -> void:
	var x := -WIDTH / 2.0 - THICK / 2.0
	builder.box(Vector3(THICK, SILL, DEPTH), Vector3(x, SILL / 2.0, 0.0), LOW_WALL, 0.006)
	builder.box(Vector3(THICK, HEIGHT - LINTEL, DEPTH), Vector3(x, (HEIGHT + LINTEL) / 2.0, 0.0), WALL, 0.006)
	builder.box(Vector3(0.06, 0.14, DEPTH), Vector3(-WIDTH / 2.0, 0.07, 0.0), TRIM)
	builder.box(Vector3(0.09, 0.09, DEPTH), Vector3(-WIDTH / 2.0, HEIGHT - 0.045, 0.0), TRIM)
	var from := -DEPTH / 2.0
	for middle: float in WINDOWS:
		_build_pier(builder, x, from, middle - WINDOW_WIDTH / 2.0)
		_build_window(builder, middle)
		from = middle + WINDOW_WIDTH / 2.0
	_build_pier(builder, x, from, DEPTH / 2.0)


func _build_pier(builder: MeshBuilder, x: float, from: float, to: float) -> void:
	builder.box(Vector3(THICK, LINTEL - SILL, to - from), Vector3(x, (SILL + LINTEL) / 2.0, (from + to) / 2.0), WALL, 0.006)


func _build_window(builder: MeshBuilder, middle: float) -> void:
	var x := -WIDTH / 2.0 - 0.12
	var rise := (SILL + LINTEL) / 2.0
	builder.box(Vector3(0.36, 0.05, WINDOW_WIDTH + 0.2), Vector3(-WIDTH / 2.0 + 0.03, SILL, middle), TRIM, 0.02)
	for z: float in [-WINDOW_WIDTH / 2.0, -WINDOW_WIDTH / 6.0, WINDOW_WIDTH / 6.0, WINDOW_WIDTH / 2.0]:
		builder.box(Vector3(0.09, LINTEL - SILL, 0.07), Vector3(x, rise, middle + z), TRIM)
	for y: float in [SILL + 0.04, SILL + 1.45, LINTEL - 0.03]:
		builder.box(Vector3(0.09, 0.06, WINDOW_WIDTH), Vector3(x, y, middle), TRIM)
	for side: float in [-1.0, 1.0]:
		_build_curtain(builder, middle + side * (WINDOW_WIDTH / 2.0 + 0.12))
	builder.pole(0.018, WINDOW_WIDTH + 0.7, Vector3(-WIDTH / 2.0 + 0.12, LINTEL + 0.12, middle - WINDOW_WIDTH / 2.0 - 0.35), Color("9a6236"), 8, Basis(Vector3.RIGHT, PI / 2.0))


func _build_curtain(builder: MeshBuilder, z: float) -> void:
	for fold: int in 5:
		builder.box(Vector3(0.07, LINTEL - SILL + 0.3, 0.075), Vector3(-WIDTH / 2.0 + 0.10 + 0.025 * (fold % 2), (LINTEL + SILL) / 2.0, z + (fold - 2) * 0.066), Color("e58f6b") if fold % 2 == 0 else Color("db8362"), 0.034)


func _build_beams(builder: MeshBuilder) -> void:
	for z: float in [-4.0, 0.0, 4.0]:
		builder.box(Vector3(WIDTH, 0.22, 0.24), Vector3(0.0, HEIGHT - 0.11, z), Color("b98a5a"), 0.02)
