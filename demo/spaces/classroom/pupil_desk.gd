## A desk for one with its chair; who sits there looks along -Z.
@tool
extends Prop

const WOOD := Color("d9a566")
const STEEL := Color("4a5560")
const SEATS: PackedColorArray = [Color("3f8fa8"), Color("e07a5f"), Color("6aa86b")]


func _build(builder: MeshBuilder) -> void:
	builder.box(Vector3(1.15, 0.04, 0.6), Vector3(0.0, 0.74, 0.0), WOOD, 0.018)
	builder.box(Vector3(1.05, 0.12, 0.03), Vector3(0.0, 0.66, -0.24), WOOD.darkened(0.25))
	for x: float in [-0.5, 0.5]:
		for z: float in [-0.24, 0.24]:
			builder.pole(0.018, 0.72, Vector3(x, 0.0, z), STEEL, 8)
	_build_chair(builder, SEATS[variant % SEATS.size()])
	_build_things(builder)
	builder.shade_ground(0.6, 0.55)


func _furnish() -> void:
	_add_solid(Vector3(1.15, 0.78, 0.6), Vector3(0.0, 0.39, 0.0))
	_add_solid(Vector3(0.42, 0.85, 0.12), Vector3(0.0, 0.43, 0.72))


func _build_chair(builder: MeshBuilder, color: Color) -> void:
	builder.box(Vector3(0.42, 0.035, 0.40), Vector3(0.0, 0.45, 0.5), color, 0.017)
	builder.box(Vector3(0.42, 0.26, 0.03), Vector3(0.0, 0.76, 0.72), color, 0.015, Basis(Vector3.RIGHT, 0.14))
	for x: float in [-0.18, 0.18]:
		builder.pole(0.014, 0.45, Vector3(x, 0.0, 0.33), STEEL, 8)
		builder.pole(0.014, 0.72, Vector3(x, 0.0, 0.69), STEEL, 8)


func _build_things(builder: MeshBuilder) -> void:
	var tilt := Basis(Vector3.UP, 0.25 - 0.17 * variant)
	builder.box(Vector3(0.21, 0.022, 0.28), Vector3(-0.2, 0.772, 0.02), SEATS[(variant + 1) % SEATS.size()], 0.004, tilt)
	builder.box(Vector3(0.19, 0.012, 0.26), Vector3(-0.2, 0.788, 0.02), Color("f7f1e3"), 0.003, tilt)
	builder.pole(0.035, 0.1, Vector3(0.42, 0.76, -0.18), Color("f0ece6"), 10)
	for i: int in 3:
		builder.pole(0.006, 0.17, Vector3(0.41 + 0.012 * i, 0.76, -0.18), SEATS[i], 6, Basis(Vector3.FORWARD, 0.2 * (i - 1)))
