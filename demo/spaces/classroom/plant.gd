## A plant in a pot: a leafy one, or with [member variant] 1 a tall slender one.
@tool
extends Furniture

const POT := Color("d98e63")


func title() -> String:
	return "the plant"


func size() -> Vector3:
	return Vector3(0.46, 0.9, 0.46)


func _build(builder: MeshBuilder) -> void:
	builder.lathe(PackedVector2Array([
		Vector2(0.0, 0.0), Vector2(0.15, 0.0), Vector2(0.21, 0.30), Vector2(0.235, 0.31), Vector2(0.235, 0.37), Vector2(0.20, 0.38), Vector2(0.19, 0.34), Vector2(0.0, 0.34),
	]), Vector3.ZERO, POT if variant == 0 else Color("e9e4d8"), 20)
	builder.blob(Vector3(0.19, 0.03, 0.19), Vector3(0.0, 0.345, 0.0), Color("4a3526"))
	var dice := RandomNumberGenerator.new()
	dice.seed = 7 + variant
	for i: int in (26 if variant == 0 else 34):
		_build_leaf(builder, dice, i)
	builder.shade_ground(0.5, 0.6)


func _furnish() -> void:
	_add_solid(Vector3(0.42, 0.9, 0.42), Vector3(0.0, 0.45, 0.0))


func _build_leaf(builder: MeshBuilder, dice: RandomNumberGenerator, i: int) -> void:
	var angle := i * 2.4
	var out := Vector3(sin(angle), 0.0, cos(angle))
	var across := out.cross(Vector3.UP)
	var rise := dice.randf_range(0.35, 1.05) if variant == 0 else dice.randf_range(0.6, 1.5)
	var reach := dice.randf_range(0.22, 0.48) if variant == 0 else dice.randf_range(0.12, 0.34)
	var root := Vector3(0.0, 0.36, 0.0) + out * 0.05
	var middle := root + out * reach * 0.55 + Vector3.UP * rise * 0.75
	var tip := root + out * reach + Vector3.UP * rise * 0.78
	var green := Color.from_hsv(dice.randf_range(0.29, 0.38), 0.62, dice.randf_range(0.42, 0.66))
	var half := across * dice.randf_range(0.045, 0.075)
	builder.leaf(middle - half, root, middle + half, green.darkened(0.3), green)
	builder.leaf(middle - half, middle + half, tip, green, green.lightened(0.25))
