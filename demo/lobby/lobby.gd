## The first screen: who the player is, and the ways into a space.
class_name Lobby
extends Control

## The peer that enters spaces.
@export var peer: MetaversePeer

@onready var _profile: ProfileCard = %ProfileCard
@onready var _create: CreateCard = %CreateCard
@onready var _join: JoinCard = %JoinCard
@onready var _busy: BusyPanel = %Busy
@onready var _news: Notice = %News
@onready var _page: ScrollContainer = %Scroll


func _ready() -> void:
	peer.state_changed.connect(_on_state_changed)
	peer.join_failed.connect(_on_join_failed)
	peer.failed.connect(_on_failed)
	_create.create_pressed.connect(_on_create_pressed)
	_join.join_pressed.connect(join)
	_profile.submitted.connect(_on_create_pressed)
	_busy.cancel_pressed.connect(peer.leave_space)
	_profile.set_profile(peer.display_name, peer.avatar_image)
	_profile.focus_name()


## Tells the player why the last visit ended.
func show_news(headline: String, text: String) -> void:
	_news.say(headline, text)


## Enters the space behind [param invite], as if it had been pasted.
func join(invite: String) -> void:
	_join.set_invite(invite)
	_begin("Joining…")
	peer.join_space(invite)


## Whether the lobby tells why an invite did not work.
func has_problem() -> bool:
	return _join.has_problem()


func _on_create_pressed() -> void:
	_begin("Creating the space…")
	var error := peer.create_space(_create.get_options())
	if error == OK:
		return
	_end()
	_create.show_problem("The space could not be created", error_string(error) + ".")


func _begin(what: String) -> void:
	_news.clear()
	_create.clear_problem()
	_join.clear_problem()
	peer.display_name = _profile.get_display_name()
	peer.avatar_image = _profile.get_picture()
	_set_busy(true)
	_busy.open(what)


func _end() -> void:
	_busy.close()
	_set_busy(false)


func _set_busy(busy: bool) -> void:
	_page.focus_behavior_recursive = Control.FOCUS_BEHAVIOR_DISABLED if busy else Control.FOCUS_BEHAVIOR_INHERITED
	_profile.set_busy(busy)
	_create.set_busy(busy)
	_join.set_busy(busy)


func _on_state_changed(state: MetaversePeer.State) -> void:
	if state == MetaversePeer.State.ONLINE or state == MetaversePeer.State.OFFLINE:
		_end()


func _on_join_failed(code: MetaversePeer.JoinError, message: String) -> void:
	_end()
	_join.focus_invite()
	if code == MetaversePeer.JoinError.CANCELLED:
		return
	_join.show_problem(JoinErrorText.headline(code), JoinErrorText.explanation(code, message))


func _on_failed(message: String) -> void:
	_end()
	_news.say("Something went wrong", message)
