extends Node3D
## Walks with the arrow keys.

const SPEED := 2.0


func _physics_process(delta: float) -> void:
	var direction := Input.get_vector(&"ui_left", &"ui_right", &"ui_up", &"ui_down")
	position += SPEED * delta * Vector3(direction.x, 0.0, direction.y)
