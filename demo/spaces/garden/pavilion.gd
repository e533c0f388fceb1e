## An eight-sided pavilion, open to +Z.
@tool
extends Prop

const RADIUS := 3.0
const STONE := Color("d8cfbf")
const WHITE := Color("f6f0e4")
const ROOF := Color("c4644a")


func _build(builder: MeshBuilder) -> void:
	builder.pole(RADIUS + 0.55, 0.09, Vector3.ZERO, STONE.darkened(0.12), 32)
	builder.pole(RADIUS + 0.25, 0.18, Vector3.ZERO, STONE, 32)
	for i: int in 8:
		_build_side(builder, TAU * (i + 0.5) / 8.0, i != 7 and i != 0)
	var eaves := PackedVector2Array([Vector2(RADIUS + 0.6, 2.75), Vector2(RADIUS + 0.62, 2.85), Vector2(RADIUS - 0.6, 3.5), Vector2(0.9, 4.2), Vector2(0.0, 4.75)])
	builder.lathe(eaves, Vector3.ZERO, ROOF, 8, Basis(Vector3.UP, PI / 8.0))
	builder.lathe(PackedVector2Array([Vector2(0.0, 2.95), Vector2(RADIUS + 0.58, 2.78)]), Vector3.ZERO, WHITE.darkened(0.25), 8, Basis(Vector3.UP, PI / 8.0) * Basis.from_scale(Vector3(1.0, 1.0, 1.0)))
	builder.blob(Vector3(0.13, 0.2, 0.13), Vector3(0.0, 4.85, 0.0), Color("e3c373"))
	builder.shade_ground(0.4, 0.75)


func _furnish() -> void:
	for i: int in 8:
		var angle := TAU * (i + 0.5) / 8.0
		_add_solid(Vector3(0.3, 2.8, 0.3), Vector3(sin(angle), 0.0, cos(angle)) * RADIUS + Vector3(0.0, 1.4, 0.0))


func _build_side(builder: MeshBuilder, angle: float, railing: bool) -> void:
	var at := Vector3(sin(angle), 0.0, cos(angle)) * RADIUS
	builder.lathe(PackedVector2Array([
		Vector2(0.19, 0.15), Vector2(0.18, 0.32), Vector2(0.125, 0.38), Vector2(0.11, 2.45), Vector2(0.17, 2.55), Vector2(0.17, 2.66),
	]), at, WHITE, 14)
	var next := Vector3(sin(angle + TAU / 8.0), 0.0, cos(angle + TAU / 8.0)) * RADIUS
	var along := next - at
	var turn := Basis(Vector3.UP, atan2(-along.z, along.x))
	var middle := (at + next) / 2.0
	builder.box(Vector3(along.length() + 0.16, 0.24, 0.22), middle + Vector3(0.0, 2.72, 0.0), WHITE, 0.02, turn)
	if not railing:
		return
	builder.box(Vector3(along.length(), 0.07, 0.09), middle + Vector3(0.0, 0.98, 0.0), WHITE, 0.02, turn)
	for i: int in 8:
		builder.pole(0.022, 0.80, at.lerp(next, (i + 0.5) / 8.0) + Vector3(0.0, 0.17, 0.0), WHITE, 6)
