## A tree: 0 to 2 broad ones, 3 a slender cypress, 4 one in blossom.
@tool
extends Prop

const BARK := Color("7a5638")
const GREENS: PackedColorArray = [Color("5aa052"), Color("74b357"), Color("4a9160"), Color("3d7d58"), Color("f2a7bd")]


func _build(builder: MeshBuilder) -> void:
	if variant == 3:
		_build_cypress(builder)
	else:
		_build_broad(builder)
	builder.shade_below(0.62)


func _furnish() -> void:
	_add_solid(Vector3(0.5, 3.0, 0.5), Vector3(0.0, 1.5, 0.0))


func _build_broad(builder: MeshBuilder) -> void:
	var dice := RandomNumberGenerator.new()
	dice.seed = 100 + variant
	builder.lathe(PackedVector2Array([
		Vector2(0.36, -0.05), Vector2(0.24, 0.18), Vector2(0.17, 0.9), Vector2(0.15, 2.0), Vector2(0.06, 3.2),
	]), Vector3.ZERO, BARK, 10)
	for i: int in 3:
		var turn := Basis(Vector3.UP, i * 2.1 + variant) * Basis(Vector3.RIGHT, 0.65)
		builder.lathe(PackedVector2Array([Vector2(0.085, 0.0), Vector2(0.03, 1.2)]), Vector3(0.0, 1.5 + 0.2 * i, 0.0), BARK, 7, turn)
	var green := GREENS[variant % GREENS.size()]
	builder.blob(Vector3(1.35, 1.15, 1.35), Vector3(0.0, 3.2, 0.0), green, 0.35, variant)
	for i: int in 7:
		var angle := i * TAU / 7.0 + dice.randf() * 0.5
		var at := Vector3(sin(angle) * 1.05, 2.6 + dice.randf() * 1.1, cos(angle) * 1.05)
		var size := dice.randf_range(0.6, 0.95)
		builder.blob(Vector3(size, size * 0.85, size), at, green.lightened(dice.randf() * 0.14).darkened(dice.randf() * 0.08), 0.4, i)
	builder.blob(Vector3(0.85, 0.65, 0.85), Vector3(0.15, 4.15, 0.1), green.lightened(0.14), 0.4, 9)


func _build_cypress(builder: MeshBuilder) -> void:
	builder.pole(0.12, 0.8, Vector3.ZERO, BARK, 8)
	builder.lathe(PackedVector2Array([
		Vector2(0.0, 0.35), Vector2(0.50, 0.5), Vector2(0.66, 1.3), Vector2(0.58, 2.6), Vector2(0.34, 4.1), Vector2(0.0, 5.2),
	]), Vector3.ZERO, GREENS[3], 12)
	for i: int in 14:
		var angle := i * 2.4
		var y := 0.7 + i * 0.25
		builder.blob(Vector3(0.27, 0.5, 0.27), Vector3(sin(angle) * 0.43 * (1.0 - i * 0.045), y, cos(angle) * 0.43 * (1.0 - i * 0.045)), GREENS[3].lightened(0.05 + 0.01 * (i % 3)), 0.3, i)
