## The stones around the pond, its reeds and its water lilies.
@tool
extends Prop

const RADIUS := 5.0


func _build(builder: MeshBuilder) -> void:
	var dice := RandomNumberGenerator.new()
	dice.seed = 77
	for i: int in 64:
		var angle := TAU * i / 64.0
		var grey := dice.randf_range(0.58, 0.80)
		var size := Vector3(dice.randf_range(0.24, 0.40), dice.randf_range(0.12, 0.24), dice.randf_range(0.24, 0.36))
		builder.blob(size, Vector3(sin(angle), 0.0, cos(angle)) * (RADIUS + dice.randf_range(-0.08, 0.12)), Color(grey, grey * 0.97, grey * 0.92), 0.35, i)
	for i: int in 9:
		var angle := dice.randf() * TAU
		_build_lily(builder, Vector3(sin(angle), 0.0, cos(angle)) * dice.randf_range(1.2, 4.2) + Vector3(0.0, -0.035, 0.0), dice, i % 2 == 0)
	for i: int in 46:
		var angle := 0.7 + dice.randf() * 0.55 + (i % 3) * 2.1
		_build_reed(builder, Vector3(sin(angle), 0.0, cos(angle)) * dice.randf_range(4.2, 4.75) + Vector3(0.0, -0.1, 0.0), dice)


func _furnish() -> void:
	for i: int in 16:
		var angle := TAU * i / 16.0
		var shape := BoxShape3D.new()
		shape.size = Vector3(2.1, 1.4, 0.3)
		var solid := CollisionShape3D.new()
		solid.shape = shape
		solid.position = Vector3(sin(angle), 0.0, cos(angle)) * RADIUS
		solid.rotation.y = angle
		add_child(solid, false, Node.INTERNAL_MODE_FRONT)


func _build_lily(builder: MeshBuilder, at: Vector3, dice: RandomNumberGenerator, blooming: bool) -> void:
	var size := dice.randf_range(0.24, 0.4)
	for i: int in 3:
		var aside := Vector3(sin(i * 2.1), 0.0, cos(i * 2.1)) * size * 1.05
		builder.pole(size * (1.0 - 0.15 * i), 0.012, at + aside, Color("5aa562").darkened(0.06 * i), 14)
	if not blooming:
		return
	for ring: int in 2:
		for p: int in 7:
			var turn := TAU * (p + 0.5 * ring) / 7.0
			var out := Vector3(sin(turn), 0.45 + 0.6 * ring, cos(turn)) * 0.17
			var across := Vector3(cos(turn), 0.0, -sin(turn)) * 0.06
			builder.leaf(at + out * 0.5 + across, at + out * 0.5 - across, at + out * 1.25, Color("ff9fbf"), Color("ffe9f1"))


func _build_reed(builder: MeshBuilder, at: Vector3, dice: RandomNumberGenerator) -> void:
	var tall := dice.randf_range(0.6, 1.25)
	var top := at + Vector3(dice.randf_range(-0.18, 0.18), tall, dice.randf_range(-0.18, 0.18))
	var green := Color.from_hsv(dice.randf_range(0.24, 0.32), 0.55, dice.randf_range(0.42, 0.62))
	builder.leaf(at + Vector3(0.025, 0.0, 0.0), at - Vector3(0.025, 0.0, 0.0), top, green.darkened(0.35), green)
	if dice.randf() < 0.25:
		builder.pole(0.028, 0.17, top - Vector3(0.0, 0.1, 0.0), Color("6b4630"), 7)
