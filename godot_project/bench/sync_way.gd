@abstract class_name SyncWay
extends Node
## A way to keep avatars in step between two processes. The one that has started the meeting is its host.

## Emitted when all avatars are in step.
@warning_ignore("unused_signal")
signal met

var is_host := false
## A file in which the host tells the guest how to find it.
var meeting_file := ""


## Connects the two and keeps [param own] and [param others] in step; [signal met] tells when all of them are.
@abstract func meet(own: Array[GesturingAvatar], others: Array[GesturingAvatar]) -> void


## Milliseconds from the sender's frame to the frame that has its value: the share (0 to 1) [param share] is not beyond.
@abstract func latency_ms(share: float) -> float


## How many poses of each avatar of [param avatars] have come so far.
@abstract func poses_received(avatars: int) -> float


func _until(condition: Callable) -> void:
	while not condition.call():
		await get_tree().process_frame


func _tell(text: String) -> void:
	# The guest must not read half of it.
	var file := FileAccess.open(meeting_file + ".new", FileAccess.WRITE)
	file.store_string(text)
	file.close()
	DirAccess.rename_absolute(meeting_file + ".new", meeting_file)


func _told() -> String:
	await _until(func() -> bool: return FileAccess.file_exists(meeting_file))
	return FileAccess.get_file_as_string(meeting_file)
