## Something the player is busy with, step by step: carrying, drawing, putting up a note.
@abstract
class_name InteractionTask
extends RefCounted

## It is done.
@warning_ignore("unused_signal")
signal finished

## Where it takes place.
var space: SpaceScene


## Starts it.
@abstract
func begin() -> void


## Puts everything back in order. Called once, however it ends.
@abstract
func end() -> void


## What the keys do now, by their names.
@abstract
func get_prompts() -> Dictionary[String, String]


## Called once a frame; [param delta] in seconds.
func process(_delta: float) -> void:
	pass


## Uses [param event]; false when it means nothing here.
func handle(_event: InputEvent) -> bool:
	return false


## Something else has the keys and the mouse for a while.
func pause() -> void:
	pass
