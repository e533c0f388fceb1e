## The lobby's painted background.
extends ColorRect


func _ready() -> void:
	resized.connect(_fit)
	_fit()


func _fit() -> void:
	var paint := material as ShaderMaterial
	paint.set_shader_parameter(&"view_size", size)
