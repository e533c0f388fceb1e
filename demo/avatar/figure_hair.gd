## The hair styles of figures.
class_name FigureHair
extends RefCounted


## The meshes of [param style], placed for a figure's head.
static func build(style: FigureLook.Hair) -> Array[MeshInstance3D]:
	var locks: Array[MeshInstance3D] = [_cap()]
	match style:
		FigureLook.Hair.SHORT:
			locks.append(_ball(Vector3(-0.03, 0.285, -0.075), Vector3(0.088, 0.045, 0.065)))
			locks.append(_ball(Vector3(0.055, 0.28, -0.078), Vector3(0.060, 0.038, 0.055)))
		FigureLook.Hair.BUN:
			locks.append(_ball(Vector3(0.0, 0.345, 0.07), Vector3(0.068, 0.062, 0.068)))
			locks.append(_ball(Vector3(0.0, 0.268, -0.055), Vector3(0.105, 0.045, 0.068)))
		FigureLook.Hair.CURLS:
			for i: int in 16:
				var angle := i * 2.4
				var rise := 0.2 + 0.045 * (i % 5)
				var around := Vector3(sin(angle) * 0.118, rise, cos(angle) * 0.105 + 0.028)
				if around.z < -0.05 and rise < 0.27:
					continue
				locks.append(_ball(around, Vector3.ONE * 0.056))
			locks.append(_ball(Vector3(0.0, 0.315, 0.0), Vector3(0.105, 0.05, 0.105)))
		FigureLook.Hair.BOB:
			for side: float in [-1.0, 1.0]:
				locks.append(_ball(Vector3(side * 0.122, 0.12, 0.03), Vector3(0.042, 0.135, 0.085)))
			locks.append(_ball(Vector3(0.0, 0.11, 0.09), Vector3(0.125, 0.14, 0.065)))
			locks.append(_ball(Vector3(0.0, 0.266, -0.055), Vector3(0.112, 0.046, 0.070)))
	return locks


static func _cap() -> MeshInstance3D:
	var cap := MeshInstance3D.new()
	cap.mesh = FigureMeshes.take(&"hair_cap")
	cap.position = Vector3(0.0, 0.172, 0.034)
	cap.rotation.x = 0.34
	return cap


static func _ball(at: Vector3, radii: Vector3) -> MeshInstance3D:
	var ball := MeshInstance3D.new()
	ball.mesh = FigureMeshes.take(&"hair_ball")
	ball.position = at
	ball.scale = radii
	return ball
