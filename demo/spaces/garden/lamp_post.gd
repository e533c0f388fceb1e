## A lamp post beside the path.
@tool
extends Prop

const IRON := Color("2f4543")


func _build(builder: MeshBuilder) -> void:
	builder.lathe(PackedVector2Array([
		Vector2(0.16, 0.0), Vector2(0.15, 0.08), Vector2(0.07, 0.20), Vector2(0.045, 0.6), Vector2(0.04, 2.4), Vector2(0.09, 2.5), Vector2(0.0, 2.52),
	]), Vector3.ZERO, IRON, 14)
	builder.lathe(PackedVector2Array([Vector2(0.0, 2.5), Vector2(0.10, 2.52), Vector2(0.16, 2.82), Vector2(0.0, 2.83)]), Vector3.ZERO, Color("fff2cf"), 14)
	builder.lathe(PackedVector2Array([Vector2(0.0, 2.81), Vector2(0.22, 2.82), Vector2(0.14, 2.93), Vector2(0.03, 3.0), Vector2(0.02, 3.08), Vector2(0.0, 3.09)]), Vector3.ZERO, IRON, 14)


func _furnish() -> void:
	_add_solid(Vector3(0.25, 2.6, 0.25), Vector3(0.0, 1.3, 0.0))
