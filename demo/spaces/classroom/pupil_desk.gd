## A desk for one; who sits at it looks along -Z.
@tool
extends Furniture

const WOOD := Color("d9a566")
const STEEL := Color("4a5560")
const COLORS: PackedColorArray = [Color("3f8fa8"), Color("e07a5f"), Color("6aa86b")]


func title() -> String:
	return "the desk"


func size() -> Vector3:
	return Vector3(1.15, 0.8, 0.6)


func _build(builder: MeshBuilder) -> void:
	builder.box(Vector3(1.15, 0.04, 0.6), Vector3(0.0, 0.74, 0.0), WOOD, 0.018)
	builder.box(Vector3(1.05, 0.12, 0.03), Vector3(0.0, 0.66, -0.24), WOOD.darkened(0.25))
	for x: float in [-0.5, 0.5]:
		for z: float in [-0.24, 0.24]:
			builder.pole(0.018, 0.72, Vector3(x, 0.0, z), STEEL, 8)
	_build_things(builder)
	builder.shade_ground(0.6, 0.55)


func _furnish() -> void:
	_add_solid(Vector3(1.15, 0.78, 0.6), Vector3(0.0, 0.39, 0.0))


func _build_things(builder: MeshBuilder) -> void:
	var tilt := Basis(Vector3.UP, 0.25 - 0.17 * variant)
	builder.box(Vector3(0.21, 0.022, 0.28), Vector3(-0.2, 0.772, 0.02), COLORS[(variant + 1) % COLORS.size()], 0.004, tilt)
	builder.box(Vector3(0.19, 0.012, 0.26), Vector3(-0.2, 0.788, 0.02), Color("f7f1e3"), 0.003, tilt)
	builder.pole(0.035, 0.1, Vector3(0.42, 0.76, -0.18), Color("f0ece6"), 10)
	for i: int in 3:
		builder.pole(0.006, 0.17, Vector3(0.41 + 0.012 * i, 0.76, -0.18), COLORS[i], 6, Basis(Vector3.FORWARD, 0.2 * (i - 1)))
