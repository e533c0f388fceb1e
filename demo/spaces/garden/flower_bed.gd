## A round bed of flowers with a stone edge; [member variant] picks the colors.
@tool
extends Prop

const RADIUS := 1.15
## Three colors for each variant.
const PETALS: PackedColorArray = [
	Color("ff5f70"), Color("ffd166"), Color("ffffff"),
	Color("a878f0"), Color("f78fd0"), Color("fff0b8"),
	Color("ff8a45"), Color("ffe07a"), Color("e84d68"),
]


func _build(builder: MeshBuilder) -> void:
	var dice := RandomNumberGenerator.new()
	dice.seed = 300 + variant
	builder.blob(Vector3(RADIUS, 0.20, RADIUS), Vector3(0.0, 0.02, 0.0), Color("5b4230"), 0.06, variant)
	for i: int in 22:
		var angle := TAU * i / 22.0
		var grey := dice.randf_range(0.62, 0.78)
		builder.blob(Vector3(0.17, 0.11, 0.13), Vector3(sin(angle), 0.05, cos(angle)) * Vector3(RADIUS, 1.0, RADIUS), Color(grey, grey * 0.97, grey * 0.92), 0.25, i)
	for i: int in 58:
		_build_flower(builder, dice, i)


func _furnish() -> void:
	_add_solid(Vector3(1.7, 0.5, 1.7), Vector3(0.0, 0.25, 0.0))


func _build_flower(builder: MeshBuilder, dice: RandomNumberGenerator, i: int) -> void:
	var reach := sqrt((i + 0.5) / 58.0) * (RADIUS - 0.18)
	var at := Vector3(sin(i * 2.4) * reach, 0.14, cos(i * 2.4) * reach)
	var tall := dice.randf_range(0.18, 0.42) * (1.25 - 0.45 * reach / RADIUS)
	var top := at + Vector3(dice.randf_range(-0.06, 0.06), tall, dice.randf_range(-0.06, 0.06))
	var green := Color.from_hsv(dice.randf_range(0.27, 0.36), 0.6, dice.randf_range(0.42, 0.6))
	builder.leaf(at + Vector3(0.012, 0.0, 0.0), at - Vector3(0.012, 0.0, 0.0), top, green, green)
	for side: float in [-1.0, 1.0]:
		var out := Vector3(sin(i + side), 0.6, cos(i + side)) * 0.14
		builder.leaf(at, at + out * 0.5 + Vector3(0.04, 0.0, 0.0), at + out, green.darkened(0.2), green)
	var petal := PETALS[(variant * 3 + dice.randi() % 3) % PETALS.size()]
	var size := dice.randf_range(0.04, 0.065)
	for p: int in 5:
		var turn := TAU * p / 5.0 + i
		var out := Vector3(sin(turn), 0.35, cos(turn)) * size
		var across := Vector3(cos(turn), 0.0, -sin(turn)) * size * 0.55
		builder.leaf(top, top + out * 0.8 + across, top + out * 1.3, petal.darkened(0.15), petal)
		builder.leaf(top, top + out * 1.3, top + out * 0.8 - across, petal.darkened(0.15), petal)
	builder.leaf(top + Vector3(0.02, 0.015, 0.0), top + Vector3(-0.014, 0.015, 0.017), top + Vector3(-0.014, 0.015, -0.017), Color("ffd166"), Color("ffd166"))
