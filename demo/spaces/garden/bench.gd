## A park bench; who sits on it looks along +Z.
@tool
extends Furniture

const WOOD := Color("b07a48")
const IRON := Color("3b4a4a")


func title() -> String:
	return "the bench"


func size() -> Vector3:
	return Vector3(1.85, 0.9, 0.62)


func seats() -> Array[Transform3D]:
	var turned := Basis(Vector3.UP, PI)
	return [Transform3D(turned, Vector3(-0.42, 0.0, 0.0)), Transform3D(turned, Vector3(0.42, 0.0, 0.0))]


func seat_height() -> float:
	return 0.478


func _build(builder: MeshBuilder) -> void:
	for i: int in 4:
		builder.box(Vector3(1.8, 0.035, 0.10), Vector3(0.0, 0.46, -0.16 + i * 0.125), WOOD, 0.014)
	for i: int in 3:
		builder.box(Vector3(1.8, 0.10, 0.03), Vector3(0.0, 0.60 + i * 0.135, -0.235 - i * 0.03), WOOD.lightened(0.06), 0.014, Basis(Vector3.RIGHT, -0.2))
	for x: float in [-0.72, 0.72]:
		builder.box(Vector3(0.06, 0.46, 0.06), Vector3(x, 0.23, 0.2), IRON)
		builder.box(Vector3(0.06, 0.94, 0.06), Vector3(x, 0.47, -0.25), IRON, 0.012, Basis(Vector3.RIGHT, -0.1))
		builder.box(Vector3(0.06, 0.05, 0.55), Vector3(x, 0.66, 0.0), IRON)
		builder.box(Vector3(0.05, 0.22, 0.05), Vector3(x, 0.55, 0.24), IRON)
	builder.shade_ground(0.5, 0.55)


func _furnish() -> void:
	_add_solid(Vector3(1.85, 0.9, 0.6), Vector3(0.0, 0.45, 0.0))
