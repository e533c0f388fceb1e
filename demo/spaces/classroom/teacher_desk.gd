## The teacher's desk with a lamp, books, a globe and an apple; its front looks along +Z.
@tool
extends Prop

const WOOD := Color("9a6236")
const TOP := Color("b97f4c")


func _build(builder: MeshBuilder) -> void:
	builder.box(Vector3(2.0, 0.05, 0.85), Vector3(0.0, 0.77, 0.0), TOP, 0.02)
	builder.box(Vector3(1.86, 0.55, 0.04), Vector3(0.0, 0.46, 0.34), WOOD)
	for x: float in [-0.75, 0.75]:
		builder.box(Vector3(0.42, 0.74, 0.76), Vector3(x, 0.37, 0.0), WOOD, 0.02)
		for y: float in [0.18, 0.40, 0.61]:
			builder.box(Vector3(0.36, 0.17, 0.02), Vector3(x, y, -0.385), TOP)
			builder.blob(Vector3.ONE * 0.018, Vector3(x, y, -0.405), Color("e3c373"))
	_build_lamp(builder)
	_build_globe(builder)
	var colors: PackedColorArray = [Color("c8553d"), Color("2f6690"), Color("e0a458")]
	for i: int in 3:
		builder.box(Vector3(0.30 - 0.02 * i, 0.045, 0.21), Vector3(0.10, 0.818 + 0.046 * i, 0.1), colors[i], 0.006, Basis(Vector3.UP, 0.1 * i))
	builder.blob(Vector3(0.045, 0.042, 0.045), Vector3(0.10, 0.975, 0.1), Color("d6333f"))
	builder.pole(0.004, 0.035, Vector3(0.10, 1.01, 0.1), Color("4a2f22"), 5)
	builder.shade_ground(0.5, 0.6)


func _furnish() -> void:
	_add_solid(Vector3(2.0, 0.8, 0.85), Vector3(0.0, 0.4, 0.0))


func _build_lamp(builder: MeshBuilder) -> void:
	var green := Color("2f7a63")
	builder.pole(0.10, 0.025, Vector3(-0.78, 0.795, -0.1), Color("c9a44c"), 16)
	builder.pole(0.012, 0.34, Vector3(-0.78, 0.81, -0.1), Color("c9a44c"), 8)
	builder.lathe(PackedVector2Array([Vector2(0.15, 1.10), Vector2(0.145, 1.13), Vector2(0.07, 1.21), Vector2(0.0, 1.22)]), Vector3(-0.78, 0.0, -0.1), green, 20)
	builder.blob(Vector3.ONE * 0.04, Vector3(-0.78, 1.11, -0.1), Color("fff3c4"))


func _build_globe(builder: MeshBuilder) -> void:
	var at := Vector3(0.78, 0.795, 0.05)
	builder.pole(0.11, 0.025, at, WOOD, 16)
	builder.pole(0.012, 0.10, at, Color("c9a44c"), 8)
	builder.blob(Vector3.ONE * 0.16, at + Vector3(0.0, 0.25, 0.0), Color("4a90c2"))
	var land := Color("7fb069")
	for place: Vector3 in [Vector3(0.5, 0.5, 0.7), Vector3(-0.6, 0.1, 0.75), Vector3(0.1, -0.5, 0.8), Vector3(-0.7, 0.6, -0.2), Vector3(0.9, -0.2, 0.1), Vector3(0.2, 0.9, 0.1)]:
		builder.blob(Vector3(0.062, 0.062, 0.062), at + Vector3(0.0, 0.25, 0.0) + place.normalized() * 0.112, land)
