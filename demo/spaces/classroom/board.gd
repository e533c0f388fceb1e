## The blackboard with chalk writing; it looks along +Z.
@tool
extends Prop

const FRAME := Color("9a6236")
const SLATE := Color("2c5a4c")
const CHALK := Color("eef5ea")
const WIDTH := 5.0
const HEIGHT := 1.7


func _build(builder: MeshBuilder) -> void:
	builder.box(Vector3(WIDTH, HEIGHT, 0.04), Vector3(0.0, 0.0, 0.0), SLATE)
	for y: float in [-HEIGHT / 2.0, HEIGHT / 2.0]:
		builder.box(Vector3(WIDTH + 0.16, 0.09, 0.08), Vector3(0.0, y, 0.01), FRAME, 0.02)
	for x: float in [-WIDTH / 2.0, 0.0, WIDTH / 2.0]:
		builder.box(Vector3(0.09 if x != 0.0 else 0.03, HEIGHT, 0.08 if x != 0.0 else 0.045), Vector3(x, 0.0, 0.01), FRAME, 0.015)
	builder.box(Vector3(WIDTH, 0.03, 0.14), Vector3(0.0, -HEIGHT / 2.0 - 0.05, 0.08), FRAME)
	builder.box(Vector3(0.18, 0.06, 0.08), Vector3(1.6, -HEIGHT / 2.0, 0.09), Color("c9b79a"))
	for i: int in 4:
		builder.box(Vector3(0.09, 0.016, 0.016), Vector3(-0.9 + i * 0.16, -HEIGHT / 2.0 - 0.025, 0.1), CHALK.lerp(Color("ffb9c6"), 0.33 * i), 0.007)
	_build_drawing(builder)


func _furnish() -> void:
	_write("Welcome!", Vector3(-1.25, 0.32, 0.03), 110)
	_write("Today: how do we meet\nwithout a server?", Vector3(-1.25, -0.26, 0.03), 54)


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
	var corners: PackedVector3Array = [Vector3(1.25, 0.45, 0.025), Vector3(0.70, -0.42, 0.025), Vector3(1.80, -0.42, 0.025)]
	var colors: PackedColorArray = [Color("ffe08a"), Color("a9ecd0"), Color("ffb9c6")]
	for i: int in 3:
		var from := corners[i]
		var to := corners[(i + 1) % 3]
		var along := to - from
		builder.box(Vector3(along.length() - 0.42, 0.022, 0.006), (from + to) / 2.0, CHALK, 0.002, Basis(Vector3.BACK, atan2(along.y, along.x)))
		builder.pole(0.16, 0.008, from, colors[i], 24, Basis(Vector3.RIGHT, PI / 2.0))
		builder.pole(0.13, 0.010, from, SLATE, 24, Basis(Vector3.RIGHT, PI / 2.0))
