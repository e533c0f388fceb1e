## A piece of hedge, 4 m long along X.
@tool
extends Prop

const LENGTH := 4.2


func _build(builder: MeshBuilder) -> void:
	var dice := RandomNumberGenerator.new()
	dice.seed = 500 + variant
	for i: int in 9:
		var green := Color("4f9150").lightened(dice.randf() * 0.12)
		var at := Vector3(-LENGTH / 2.0 + 0.25 + i * 0.47, 0.52, dice.randf_range(-0.06, 0.06))
		builder.blob(Vector3(0.46, dice.randf_range(0.62, 0.72), 0.5), at, green, 0.25, i + variant * 10)
	builder.shade_ground(0.9, 0.5)


func _furnish() -> void:
	_add_solid(Vector3(LENGTH, 4.0, 0.7), Vector3(0.0, 2.0, 0.0))
