## The field for an invite.
class_name JoinCard
extends PanelContainer

## The player wants to enter the space behind [param invite].
signal join_pressed(invite: String)

@onready var _invite_edit: LineEdit = %InviteEdit
@onready var _paste: Button = %Paste
@onready var _join: Button = %Join
@onready var _problem: Notice = %Problem


func _ready() -> void:
	_invite_edit.text_changed.connect(_on_invite_changed)
	_invite_edit.text_submitted.connect(_on_invite_submitted)
	_paste.pressed.connect(_on_paste_pressed)
	_join.pressed.connect(_submit)
	_on_invite_changed("")


## Puts [param invite] into the field.
func set_invite(invite: String) -> void:
	_invite_edit.text = invite
	_on_invite_changed(invite)


## Puts the cursor into the field with the invite selected, so that pasting replaces it.
func focus_invite() -> void:
	_invite_edit.grab_focus()
	_invite_edit.select_all()


## Shows why the invite did not work.
func show_problem(headline: String, text: String) -> void:
	_problem.say(headline, text)


## Whether a problem is shown.
func has_problem() -> bool:
	return _problem.visible


## Hides the last problem.
func clear_problem() -> void:
	_problem.clear()


## While [param busy], nothing can be changed.
func set_busy(busy: bool) -> void:
	_invite_edit.editable = not busy
	_paste.disabled = busy
	_join.disabled = busy or _invite().is_empty()


# Chat programs and e-mail break long lines.
func _invite() -> String:
	return "".join(_invite_edit.text.split("\n")).strip_edges()


func _submit() -> void:
	if _invite().is_empty():
		return
	join_pressed.emit(_invite())


func _on_invite_changed(_text: String) -> void:
	_join.disabled = _invite().is_empty()
	_problem.clear()


func _on_invite_submitted(_text: String) -> void:
	_submit()


func _on_paste_pressed() -> void:
	var pasted := DisplayServer.clipboard_get().strip_edges()
	if pasted.is_empty():
		_problem.say("There is nothing to paste", "Copy the invite that you were sent first.")
		return
	set_invite(pasted)
	_join.grab_focus()
