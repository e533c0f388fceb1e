## A lamp that hangs from the ceiling, and its warm light.
@tool
extends Prop

const GLOW := Color("ffdda8")


func _build(builder: MeshBuilder) -> void:
	builder.pole(0.012, 0.75, Vector3(0.0, -0.75, 0.0), Color("3a3f4a"), 6)
	builder.pole(0.06, 0.03, Vector3(0.0, -0.03, 0.0), Color("3a3f4a"), 12)
	builder.lathe(PackedVector2Array([
		Vector2(0.30, -0.98), Vector2(0.31, -0.96), Vector2(0.24, -0.84), Vector2(0.09, -0.76), Vector2(0.0, -0.75),
	]), Vector3.ZERO, Color("2f5d62"), 24)


func _furnish() -> void:
	var bulb := MeshInstance3D.new()
	var ball := SphereMesh.new()
	ball.radius = 0.11
	ball.height = 0.22
	var glow := StandardMaterial3D.new()
	glow.shading_mode = BaseMaterial3D.SHADING_MODE_UNSHADED
	glow.albedo_color = GLOW.lightened(0.5)
	ball.material = glow
	bulb.mesh = ball
	bulb.position.y = -0.93
	bulb.cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
	add_child(bulb, false, Node.INTERNAL_MODE_FRONT)
	var light := OmniLight3D.new()
	light.light_color = GLOW
	light.light_energy = 0.75
	light.omni_range = 6.5
	light.omni_attenuation = 1.3
	light.light_specular = 0.2
	light.position.y = -1.1
	add_child(light, false, Node.INTERNAL_MODE_FRONT)
