## Puts an invite to the space into the clipboard and says so.
class_name CopyInviteButton
extends Button

## Seconds for which the button says that the invite was copied.
const FEEDBACK_TIME := 2.0
const COPY_ICON := preload("res://icons/copy.svg")
const DONE_ICON := preload("res://icons/check.svg")
const ALERT_ICON := preload("res://icons/alert.svg")

## The peer that makes the invite.
@export var peer: MetaversePeer

var _timer := Timer.new()


func _ready() -> void:
	_timer.one_shot = true
	_timer.wait_time = FEEDBACK_TIME
	_timer.timeout.connect(_reset)
	add_child(_timer)
	pressed.connect(copy)
	_reset()


## Copies a fresh invite.
func copy() -> void:
	var invite := peer.create_invite()
	if invite.is_empty():
		_say("No invite", ALERT_ICON)
		return
	DisplayServer.clipboard_set(invite)
	_say("Copied", DONE_ICON)


func _say(what: String, symbol: Texture2D) -> void:
	text = what
	icon = symbol
	_timer.start()


func _reset() -> void:
	text = "Copy invite"
	icon = COPY_ICON
