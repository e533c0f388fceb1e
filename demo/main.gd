## Shows the lobby while the peer is outside and the space while it is inside.
class_name Main
extends Node

const LOBBY := preload("res://lobby/lobby.tscn")
const HUD := preload("res://hud/hud.tscn")

var _space_scene: SpaceScene
var _screen: Control

@onready var _peer: MetaversePeer = %Peer
@onready var _screens: CanvasLayer = %Screens


func _ready() -> void:
	_peer.space_joined.connect(_on_space_joined)
	_peer.space_left.connect(_on_space_left)
	SpaceCatalog.prepare()
	Automation.begin(self, _peer)
	_show_lobby()


# Nobody sees another frame: without a graphics card, drawing it takes longer than all else that ends the game.
func _notification(what: int) -> void:
	if what == NOTIFICATION_WM_CLOSE_REQUEST:
		RenderingServer.render_loop_enabled = false


## The lobby, or null inside a space.
func get_lobby() -> Lobby:
	return _screen as Lobby


## What lies over the space, or null in the lobby.
func get_hud() -> Hud:
	return _screen as Hud


## The space's scene, or null in the lobby.
func get_space_scene() -> SpaceScene:
	return _space_scene


func _show_lobby() -> void:
	_clear()
	Input.mouse_mode = Input.MOUSE_MODE_VISIBLE
	var lobby: Lobby = LOBBY.instantiate()
	lobby.peer = _peer
	_show(lobby)


func _on_space_joined(space: MetaverseSpace) -> void:
	_clear()
	_space_scene = SpaceCatalog.instantiate(space.scene)
	_space_scene.peer = _peer
	add_child(_space_scene)
	var hud: Hud = HUD.instantiate()
	hud.peer = _peer
	hud.space_scene = _space_scene
	_show(hud)


func _on_space_left(reason: String) -> void:
	var wanted := get_hud() == null or get_hud().is_leaving()
	_show_lobby()
	if not wanted:
		get_lobby().show_news("You are no longer in the space", reason)


func _show(screen: Control) -> void:
	_screen = screen
	_screens.add_child(screen)


func _clear() -> void:
	if _screen != null:
		_screen.queue_free()
		_screen = null
	if _space_scene != null:
		_space_scene.queue_free()
		_space_scene = null
