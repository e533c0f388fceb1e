## What hangs on a wall and looks along +Z: 0 a clock, 1 a cork board, 2 a poster, 3 a door.
@tool
extends Prop

const WOOD := Color("9a6236")
## The box around each of them, and its middle; one writes notes on some.
const SIZES: PackedVector3Array = [Vector3(0.5, 0.5, 0.1), Vector3(2.2, 1.2, 0.056), Vector3(0.95, 1.3, 0.05), Vector3(1.24, 2.25, 0.16)]
const MIDDLES: PackedVector3Array = [Vector3.ZERO, Vector3.ZERO, Vector3.ZERO, Vector3(0.0, 1.125, 0.0)]


func _build(builder: MeshBuilder) -> void:
	match variant:
		0:
			_build_clock(builder)
		1:
			_build_cork_board(builder)
		2:
			_build_poster(builder)
		_:
			_build_door(builder)


func _furnish() -> void:
	_add_solid(SIZES[variant], MIDDLES[variant])


func _build_clock(builder: MeshBuilder) -> void:
	var flat := Basis(Vector3.RIGHT, PI / 2.0)
	builder.pole(0.27, 0.05, Vector3.ZERO, Color("3a3f4a"), 32, flat)
	builder.pole(0.24, 0.06, Vector3.ZERO, Color("fbf7ee"), 32, flat)
	for hour: int in 12:
		var angle := TAU * hour / 12.0
		builder.box(Vector3(0.012, 0.04, 0.008), Vector3(sin(angle) * 0.2, cos(angle) * 0.2, 0.062), Color("3a3f4a"), 0.002, Basis(Vector3.FORWARD, angle))
	builder.box(Vector3(0.018, 0.13, 0.01), Vector3(-0.035, 0.045, 0.066), Color("20242c"), 0.004, Basis(Vector3.BACK, 0.7))
	builder.box(Vector3(0.013, 0.19, 0.01), Vector3(0.045, 0.07, 0.07), Color("20242c"), 0.004, Basis(Vector3.FORWARD, 0.6))
	builder.pole(0.018, 0.08, Vector3.ZERO, Color("d6333f"), 12, flat)


func _build_cork_board(builder: MeshBuilder) -> void:
	builder.box(Vector3(2.2, 1.2, 0.03), Vector3.ZERO, Color("c99b68"))
	for y: float in [-0.6, 0.6]:
		builder.box(Vector3(2.28, 0.06, 0.05), Vector3(0.0, y, 0.005), WOOD)
	for x: float in [-1.1, 1.1]:
		builder.box(Vector3(0.06, 1.2, 0.05), Vector3(x, 0.0, 0.005), WOOD)
	var dice := RandomNumberGenerator.new()
	dice.seed = 12
	var colors: PackedColorArray = [Color("ffe38a"), Color("a9dcf0"), Color("ffc1c9"), Color("c4e8b5"), Color("fbf7ee")]
	for i: int in 4:
		var at := Vector3(-0.86 + (i % 2) * 0.43, 0.27 if i < 2 else -0.27, 0.02)
		at += Vector3(dice.randf_range(-0.05, 0.05), dice.randf_range(-0.05, 0.05), 0.0)
		builder.box(Vector3(0.30, 0.36 if i % 3 == 0 else 0.28, 0.006), at, colors[i % 5], 0.002, Basis(Vector3.BACK, dice.randf_range(-0.12, 0.12)))
		builder.blob(Vector3.ONE * 0.016, at + Vector3(0.0, 0.11, 0.012), Color("d6333f"))


func _build_poster(builder: MeshBuilder) -> void:
	builder.box(Vector3(0.95, 1.3, 0.03), Vector3.ZERO, Color("3a3f4a"), 0.008)
	builder.box(Vector3(0.87, 1.22, 0.01), Vector3(0.0, 0.0, 0.014), Color("f6c28b"), 0.003)
	builder.pole(0.15, 0.006, Vector3(0.16, 0.26, 0.019), Color("fff3c4"), 24, Basis(Vector3.RIGHT, PI / 2.0))
	for i: int in 3:
		var color: Color = [Color("d98ba0"), Color("8d6a9f"), Color("4b4a78")][i]
		builder.box(Vector3(0.868, 0.28, 0.008), Vector3(0.0, -0.10 - i * 0.17, 0.018 + i * 0.002), color, 0.003, Basis(Vector3.BACK, 0.10 * (1 - i)))
	builder.box(Vector3(0.87, 0.16, 0.012), Vector3(0.0, -0.53, 0.024), Color("fbf7ee"), 0.003)


func _build_door(builder: MeshBuilder) -> void:
	builder.box(Vector3(1.24, 2.25, 0.08), Vector3(0.0, 1.125, 0.0), Color("f3e9da"), 0.02)
	builder.box(Vector3(1.02, 2.10, 0.06), Vector3(0.0, 1.05, 0.03), Color("3f7d78"), 0.012)
	for y: float in [0.55, 1.5]:
		builder.box(Vector3(0.74, 0.78, 0.03), Vector3(0.0, y, 0.055), Color("4b918a"), 0.014)
	builder.blob(Vector3(0.035, 0.035, 0.05), Vector3(0.42, 1.02, 0.09), Color("e3c373"))
