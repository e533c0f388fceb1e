## A pupil's chair; who sits on it looks along -Z.
@tool
extends Furniture

const STEEL := Color("4a5560")
const COLORS: PackedColorArray = [Color("3f8fa8"), Color("e07a5f"), Color("6aa86b")]
const SEAT := 0.46


func title() -> String:
	return "the chair"


func size() -> Vector3:
	return Vector3(0.44, 0.9, 0.48)


func seats() -> Array[Transform3D]:
	return [Transform3D.IDENTITY]


func seat_height() -> float:
	return SEAT


func _build(builder: MeshBuilder) -> void:
	var color := COLORS[variant % COLORS.size()]
	builder.box(Vector3(0.42, 0.035, 0.42), Vector3(0.0, SEAT - 0.0175, 0.0), color, 0.017)
	builder.box(Vector3(0.42, 0.26, 0.03), Vector3(0.0, 0.76, 0.225), color, 0.015, Basis(Vector3.RIGHT, 0.14))
	for x: float in [-0.18, 0.18]:
		builder.pole(0.014, 0.45, Vector3(x, 0.0, -0.17), STEEL, 8)
		builder.pole(0.014, 0.72, Vector3(x, 0.0, 0.19), STEEL, 8)
		builder.box(Vector3(0.022, 0.022, 0.36), Vector3(x, 0.2, 0.01), STEEL, 0.01)
	builder.shade_ground(0.6, 0.55)


func _furnish() -> void:
	_add_solid(Vector3(0.42, 0.46, 0.42), Vector3(0.0, 0.23, 0.0))
	_add_solid(Vector3(0.42, 0.85, 0.08), Vector3(0.0, 0.43, 0.21))
