## The hair styles of figures.
class_name FigureHair
extends RefCounted

const _HAIR := FigureBody.Part.HAIR


## Adds the hair of [param style] to [param builder], around the middle of the head.
static func build(builder: SkinBuilder, style: FigureLook.Hair) -> void:
	_cap(builder)
	match style:
		FigureLook.Hair.SHORT:
			_ball(builder, Vector3(0.022, 0.100, 0.050), Vector3(0.068, 0.036, 0.056))
			_ball(builder, Vector3(-0.046, 0.094, 0.046), Vector3(0.046, 0.032, 0.052))
		FigureLook.Hair.BUN:
			_ball(builder, Vector3(0.0, 0.142, -0.062), Vector3(0.052, 0.048, 0.052))
			_ball(builder, Vector3(0.0, 0.088, 0.036), Vector3(0.084, 0.042, 0.066))
		FigureLook.Hair.CURLS:
			_curls(builder)
		FigureLook.Hair.BOB:
			for side: float in [-1.0, 1.0]:
				_ball(builder, Vector3(side * 0.092, -0.022, -0.022), Vector3(0.030, 0.105, 0.062))
			_ball(builder, Vector3(0.0, -0.025, -0.070), Vector3(0.092, 0.112, 0.050))
			_ball(builder, Vector3(0.012, 0.087, 0.036), Vector3(0.090, 0.044, 0.067))


static func _curls(builder: SkinBuilder) -> void:
	for i: int in 22:
		var angle := i * 2.4
		var rise := 0.018 + 0.030 * (i % 5)
		var wide := 0.098 - 0.05 * smoothstep(0.06, 0.14, rise)
		var at := Vector3(sin(angle) * wide, rise, cos(angle) * wide * 1.02 - 0.014)
		if at.z > 0.045 and rise < 0.085:
			continue
		_ball(builder, at, Vector3.ONE * 0.043)
	_ball(builder, Vector3(0.0, 0.118, -0.008), Vector3(0.082, 0.042, 0.082))


# A shell over the skull, tilted so that the forehead is free.
static func _cap(builder: SkinBuilder) -> void:
	var rows: PackedVector4Array = [
		Vector4(-0.072, 0.070, 0.070, 0.0), Vector4(-0.066, 0.086, 0.086, 0.0), Vector4(-0.030, 0.100, 0.104, 0.0), Vector4(0.015, 0.108, 0.117, 0.0), Vector4(0.055, 0.105, 0.115, 0.0), Vector4(0.090, 0.090, 0.100, 0.0), Vector4(0.116, 0.062, 0.072, 0.0), Vector4(0.128, 0.024, 0.028, 0.0),
	]
	var tilt := Basis(Vector3.RIGHT, -0.42)
	var rings: Array[SkinBuilder.Ring] = []
	for row: Vector4 in rows:
		var at := FigureHead.MIDDLE + Vector3(0.0, 0.018, -0.024) + tilt * Vector3(0.0, row[0], 0.0)
		rings.append(SkinBuilder.Ring.new(at, tilt * Vector3(row[1], 0.0, 0.0), tilt * Vector3(0.0, 0.0, row[2]), HumanoidRig.index(&"Head")))
	builder.tube(rings, _HAIR, 24)


static func _ball(builder: SkinBuilder, at: Vector3, radii: Vector3) -> void:
	builder.ball(FigureHead.MIDDLE + at, radii, _HAIR, HumanoidRig.index(&"Head"))
