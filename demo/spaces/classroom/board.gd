## The blackboard with chalk writing; it looks along +Z.
@tool
extends Prop

const FRAME := Color("9a6236")
const SLATE := Color("2c5a4c")
const CHALK := Color("eef5ea")
const WIDTH := 2.7
const HEIGHT := 1.6


func _build(builder: MeshBuilder) -> void:
	builder.box(Vector3(WIDTH, HEIGHT, 0.04), Vector3(0.0, 0.0, 0.0), SLATE)
	for y: float in [-HEIGHT / 2.0, HEIGHT / 2.0]:
		builder.box(Vector3(WIDTH + 0.16, 0.09, 0.08), Vector3(0.0, y, 0.01), FRAME, 0.02)
	for x: float in [-WIDTH / 2.0, WIDTH / 2.0]:
		builder.box(Vector3(0.09, HEIGHT, 0.08), Vector3(x, 0.0, 0.01), FRAME, 0.015)
	builder.box(Vector3(WIDTH, 0.03, 0.14), Vector3(0.0, -HEIGHT / 2.0 - 0.05, 0.08), FRAME)
	builder.box(Vector3(0.18, 0.06, 0.08), Vector3(1.0, -HEIGHT / 2.0, 0.09), Color("c9b79a"))
	for i: int in 4:
		builder.box(Vector3(0.09, 0.016, 0.016), Vector3(-0.7 + i * 0.16, -HEIGHT / 2.0 - 0.025, 0.1), CHALK.lerp(Color("ffb9c6"), 0.33 * i), 0.007)
	_build_drawing(builder)


func _furnish() -> void:
	_add_solid(Vector3(WIDTH, HEIGHT, 0.05), Vector3(0.0, 0.0, 0.0))
	_write("Welcome!", Vector3(0.0, 0.47, 0.03), 92)
	_write("Today: how do we\nmeet without\na server?", Vector3(-0.55, -0.2, 0.03), 48)


func _write(text: String, at: Vector3, size: int) -> void:
	var label := Label3D.new()
	label.text = text
	label.font_size = size
	label.pixel_size = 0.0034
	label.modulate = Color(CHALK, 0.92)
	label.outline_size = 0
	label.shaded = false
	label.position = at
	add_child(label, false, Node.INTERNAL_MODE_FRONT)


# Three friends, each joined to each.
func _build_drawing(builder: MeshBuilder) -> void:
	var corners: PackedVector3Array = [Vector3(0.68, 0.12, 0.025), Vector3(0.30, -0.5, 0.025), Vector3(1.06, -0.5, 0.025)]
	var colors: PackedColorArray = [Color("ffe08a"), Color("a9ecd0"), Color("ffb9c6")]
	for i: int in 3:
		var from := corners[i]
		var to := corners[(i + 1) % 3]
		var along := to - from
		builder.box(Vector3(along.length() - 0.32, 0.022, 0.006), (from + to) / 2.0, CHALK, 0.002, Basis(Vector3.BACK, atan2(along.y, along.x)))
		builder.pole(0.12, 0.008, from, colors[i], 24, Basis(Vector3.RIGHT, PI / 2.0))
		builder.pole(0.095, 0.010, from, SLATE, 24, Basis(Vector3.RIGHT, PI / 2.0))
