## What lies over a space: the top bar, the member list, the chat, short news, gestures, tools and the menu.
class_name Hud
extends Control

## Longest name of a space in the top bar, in letters.
const NAME_LETTERS := 32

## The peer that is in the space.
@export var peer: MetaversePeer
## The scene that the space takes place in.
@export var space_scene: SpaceScene

var _leaving := false

@onready var _space_name: Label = %SpaceName
@onready var _member_count: Label = %MemberCount
@onready var _copy_invite: CopyInviteButton = %CopyInvite
@onready var _member_list: MemberList = %MemberList
@onready var _chat: ChatPanel = %Chat
@onready var _menu: GameMenu = %Menu
@onready var _members_button: Button = %MembersButton
@onready var _menu_button: Button = %MenuButton
@onready var _area: PanelContainer = %Area
@onready var _area_name: Label = %AreaName
@onready var _controls: Control = %BottomRight
@onready var _gesture_bar: GestureBar = %GestureBar
@onready var _note_editor: NoteEditor = %NoteEditor
@onready var _network: MetaverseNetworkOverlay = %Network


func _enter_tree() -> void:
	(%CopyInvite as CopyInviteButton).peer = peer
	(%MemberList as MemberList).peer = peer
	(%Chat as ChatPanel).peer = peer
	(%Toasts as Toasts).peer = peer
	(%Menu as GameMenu).peer = peer
	(%GestureBar as GestureBar).space_scene = space_scene
	(%Prompts as Prompts).space_scene = space_scene
	(%BoardTools as BoardTools).space_scene = space_scene
	(%Activity as ActivityButton).peer = peer
	(%Activity as ActivityButton).space_scene = space_scene
	(%MenuActivity as ActivityButton).peer = peer
	(%MenuActivity as ActivityButton).space_scene = space_scene
	(%Toasts as Toasts).space_scene = space_scene
	(%NoteEditor as NoteEditor).space_scene = space_scene
	(%Network as MetaverseNetworkOverlay).peer = peer


func _ready() -> void:
	_space_name.text = ShortText.cut(peer.get_space().space_name, NAME_LETTERS)
	peer.member_joined.connect(_count_members.unbind(1))
	peer.member_left.connect(_count_members.unbind(2))
	_count_members()
	_members_button.pressed.connect(toggle_member_list)
	_menu_button.pressed.connect(open_menu)
	_chat.typing_changed.connect(_update_pause.unbind(1))
	_menu.closed.connect(_update_pause)
	_menu.network_pressed.connect(toggle_network)
	_menu.leave_pressed.connect(_leave)
	_menu.quit_pressed.connect(get_tree().quit)
	_note_editor.opened_or_closed.connect(_update_pause)
	_note_editor.written.connect(space_scene.get_interaction().hold_note)
	space_scene.get_interaction().note_wanted.connect(_note_editor.open)
	space_scene.get_interaction().task_changed.connect(_on_task_changed)
	peer.activity_profile_changed.connect(_show_area)


## Whether the player asked to leave, so that the end of the visit is no surprise.
func is_leaving() -> bool:
	return _leaving


## Whether something of the HUD is drawn over [param rect].
func covers(rect: Rect2) -> bool:
	if _menu.visible:
		return true
	if _network.visible and _network.get_global_rect().intersects(rect):
		return true
	for panel: Node in find_children("*", "PanelContainer", true, false):
		var control := panel as PanelContainer
		if control.is_visible_in_tree() and control.get_global_rect().intersects(rect):
			return true
	return false


## The chat in the lower left corner.
func get_chat() -> ChatPanel:
	return _chat


## Where sticky notes are written.
func get_note_editor() -> NoteEditor:
	return _note_editor


## Where the host chooses what goes on.
func get_activity_button() -> ActivityButton:
	return %Activity


## Whether the player is in a part of the space with an activity of its own.
func is_in_area() -> bool:
	return _area.visible


## Shows or hides the member list.
func toggle_member_list() -> void:
	_member_list.visible = not _member_list.visible


## Shows or hides who is connected to whom.
func toggle_network() -> void:
	_network.visible = not _network.visible


## Opens the menu; the player stands still until it is closed.
func open_menu() -> void:
	_menu.open(peer.get_space().space_name)
	_update_pause()


## Closes the menu.
func close_menu() -> void:
	_menu.close()


# A trigger tells every millimetre that it is pulled, but an invite is copied once.
func _unhandled_input(event: InputEvent) -> void:
	if _menu.visible:
		return
	if event.is_action_pressed(&"menu"):
		_on_escape()
	elif event.is_action_pressed(&"member_list"):
		toggle_member_list()
	elif event.is_action_pressed(&"network"):
		toggle_network()
	elif event.is_action_pressed(&"open_chat"):
		_chat.open()
	elif event.is_action_pressed(&"copy_invite") and Input.is_action_just_pressed(&"copy_invite"):
		_copy_invite.copy()
	elif _gesture_bar.handle(event):
		pass
	else:
		return
	get_viewport().set_input_as_handled()


# The first press gives the mouse back, the next one opens the menu.
func _on_escape() -> void:
	var avatar := space_scene.get_local_avatar()
	if avatar != null and avatar.get_camera().is_captured():
		avatar.get_camera().release()
		return
	open_menu()


func _update_pause() -> void:
	var avatar := space_scene.get_local_avatar()
	if avatar != null:
		avatar.set_paused(_has_keys())
	space_scene.get_interaction().set_paused(_has_keys())


# Whether keys and mouse belong to the HUD.
func _has_keys() -> bool:
	return _menu.visible or _chat.is_typing() or _note_editor.visible


# Before a board there are other tools.
func _on_task_changed() -> void:
	_controls.visible = space_scene.get_interaction().get_task() is not DrawTask
	_update_pause()


# Where the player is, if that is a part of the space with an activity of its own.
func _show_area(profile: MetaverseActivityProfile) -> void:
	var area := space_scene.find_area(profile)
	_area.visible = area != null
	if area != null:
		_area_name.text = "%s: %s" % [area.title, area.activity]


func _count_members() -> void:
	var count := peer.get_members().size()
	_member_count.text = "1 member" if count == 1 else "%d members" % count


func _leave() -> void:
	_leaving = true
	peer.leave_space()
