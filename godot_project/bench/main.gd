extends Bench
## Plays the scene of the bench that the command line names.


func _ready() -> void:
	get_tree().change_scene_to_file.call_deferred("res://bench/%s.tscn" % arguments["bench"])
