## The text chat. Closed, it shows new messages for a while; open, everything since the player came.
class_name ChatPanel
extends VBoxContainer

## The player began or stopped to type.
signal typing_changed(typing: bool)

## Messages that are kept.
const HISTORY := 200
## Seconds for which a new message stays while the chat is closed.
const PREVIEW_TIME := 8.0
## Messages shown at once while the chat is closed.
const PREVIEWS := 3
## Longest name before a message, in letters.
const NAME_LETTERS := 28

## The peer that carries the messages.
@export var peer: MetaversePeer

var _unread := 0

@onready var _panel: PanelContainer = %Panel
@onready var _history: VBoxContainer = %History
@onready var _scroll: ScrollContainer = %Scroll
@onready var _empty: Label = %Empty
@onready var _input: LineEdit = %Input
@onready var _send: Button = %Send
@onready var _problem: Label = %Problem
@onready var _previews: VBoxContainer = %Previews
@onready var _open: Button = %Open
@onready var _badge: PanelContainer = %Badge
@onready var _badge_label: Label = %BadgeLabel


func _ready() -> void:
	_input.max_length = ChatText.MAX_LENGTH
	_input.text_submitted.connect(_submit.unbind(1))
	_input.gui_input.connect(_on_input_event)
	_send.pressed.connect(_submit)
	_open.pressed.connect(open)
	_scroll.get_v_scroll_bar().changed.connect(_scroll_down)
	peer.message_received.connect(_on_message_received)
	_scroll.hide()
	_set_unread(0)
	close()


## Opens the chat and puts the cursor into its field.
func open() -> void:
	_panel.show()
	_open.hide()
	_previews.hide()
	_set_unread(0)
	_input.grab_focus()
	typing_changed.emit(true)


## Closes the chat.
func close() -> void:
	_input.release_focus()
	_panel.hide()
	_open.show()
	_previews.show()
	_problem.hide()
	typing_changed.emit(false)


## Whether the chat is open, so that the keys belong to it.
func is_typing() -> bool:
	return _panel.visible


## Sends [param text] to everyone and shows it.
func say(text: String) -> void:
	var clean := ChatText.clean(text)
	if clean.is_empty():
		return
	var error := peer.send_message(ChatText.TOPIC, clean)
	_problem.visible = error != OK
	if error != OK:
		_problem.text = "Not sent, too much is waiting. Try again in a moment." if error == ERR_BUSY else "Not sent: %s." % error_string(error)
		return
	_input.clear()
	_add(peer.get_local_member(), clean)


## How many messages are in the history.
func get_message_count() -> int:
	return _history.get_child_count()


func _unhandled_input(event: InputEvent) -> void:
	if is_typing() and event.is_action_pressed(&"menu"):
		close()
		get_viewport().set_input_as_handled()


# An Enter without a text closes the chat, as it opened it.
func _submit() -> void:
	if ChatText.clean(_input.text).is_empty():
		close()
		return
	say(_input.text)
	_input.grab_focus.call_deferred()


func _on_input_event(event: InputEvent) -> void:
	if event.is_action_pressed(&"ui_cancel"):
		_input.accept_event()
		close()


func _on_message_received(member: MetaverseMember, topic: StringName, data: Variant) -> void:
	if topic != ChatText.TOPIC:
		return
	var text := ChatText.read(data)
	if text.is_empty():
		return
	_add(member, text)
	if is_typing():
		return
	_set_unread(_unread + 1)
	_preview(member, text)


func _add(member: MetaverseMember, text: String) -> void:
	_empty.hide()
	_scroll.show()
	_history.add_child(_line(member, text))
	if _history.get_child_count() > HISTORY:
		_history.get_child(0).free()


func _preview(member: MetaverseMember, text: String) -> void:
	var plate := PanelContainer.new()
	plate.theme_type_variation = &"HudBar"
	plate.add_child(_line(member, text))
	_previews.add_child(plate)
	if _previews.get_child_count() > PREVIEWS:
		_previews.get_child(0).free()
	var fade := plate.create_tween()
	fade.tween_interval(PREVIEW_TIME)
	fade.tween_property(plate, ^"modulate:a", 0.0, 0.6)
	fade.tween_callback(plate.queue_free)


# add_text() and not a text with tags: what others write is never interpreted.
func _line(member: MetaverseMember, text: String) -> RichTextLabel:
	var line := RichTextLabel.new()
	line.fit_content = true
	line.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	line.mouse_filter = Control.MOUSE_FILTER_PASS
	line.push_color(_name_color(member))
	line.add_text(ShortText.cut(member.display_name, NAME_LETTERS))
	line.pop()
	line.add_text("  " + text)
	return line


func _name_color(member: MetaverseMember) -> Color:
	return FigureLook.of(member.id).shirt.lightened(0.35)


func _set_unread(count: int) -> void:
	_unread = count
	_badge.visible = count > 0
	_badge_label.text = str(count) if count < 100 else "99+"


func _scroll_down() -> void:
	_scroll.scroll_vertical = int(_scroll.get_v_scroll_bar().max_value)
