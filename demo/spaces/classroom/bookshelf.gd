## A bookshelf against a wall; its open side looks along +Z.
@tool
extends Prop

const WOOD := Color("b07a48")
const WIDTH := 1.7
const HEIGHT := 1.9
const BOOKS: PackedColorArray = [
	Color("c8553d"), Color("2f6690"), Color("e0a458"), Color("6a994e"), Color("7d4f8f"), Color("d4c4a0"), Color("38506b"), Color("b5525c"),
]


func _build(builder: MeshBuilder) -> void:
	var dice := RandomNumberGenerator.new()
	dice.seed = 40 + variant
	builder.box(Vector3(WIDTH, HEIGHT, 0.03), Vector3(0.0, HEIGHT / 2.0, -0.17), WOOD.darkened(0.35))
	for x: float in [-WIDTH / 2.0, WIDTH / 2.0]:
		builder.box(Vector3(0.05, HEIGHT, 0.36), Vector3(x, HEIGHT / 2.0, 0.0), WOOD)
	for level: int in 5:
		builder.box(Vector3(WIDTH, 0.04, 0.36), Vector3(0.0, 0.06 + level * 0.455, 0.0), WOOD)
	for level: int in 4:
		_build_row(builder, 0.08 + level * 0.455, dice)
	builder.shade_ground(0.5, 0.65)


func _furnish() -> void:
	_add_solid(Vector3(WIDTH, HEIGHT, 0.38), Vector3(0.0, HEIGHT / 2.0, 0.0))


func _build_row(builder: MeshBuilder, y: float, dice: RandomNumberGenerator) -> void:
	var x := -WIDTH / 2.0 + 0.06
	while x < WIDTH / 2.0 - 0.12:
		if dice.randf() < 0.10:
			x += dice.randf_range(0.10, 0.24)
			continue
		var thickness := dice.randf_range(0.03, 0.06)
		var height := dice.randf_range(0.24, 0.35)
		var color := BOOKS[dice.randi() % BOOKS.size()]
		var lean := Basis(Vector3.FORWARD, 0.12) if dice.randf() < 0.08 else Basis.IDENTITY
		builder.box(Vector3(thickness, height, 0.22), Vector3(x + thickness / 2.0, y + height / 2.0, 0.01), color, 0.006, lean)
		x += thickness + 0.005
