extends VBoxContainer
## MetaverseSharedState: a board that both see. Ada writes before Bob comes, Bob answers. Two players in one window; in a game there
## is one peer, and the node finds it by itself.

@onready var _ada: MetaversePeer = $Ada
@onready var _bob: MetaversePeer = $Bob
@onready var _at_ada: MetaverseSharedState = $AtAda
@onready var _at_bob: MetaverseSharedState = $AtBob
@onready var _says: Label = %Says


func _ready() -> void:
	_ada.space_joined.connect(_on_ada_joined)
	_at_bob.synchronized.connect(_on_bob_synchronized)
	_at_ada.changed.connect(_on_changed.bind("Ada"))
	_at_bob.changed.connect(_on_changed.bind("Bob"))
	_ada.create_space(MetaverseSpaceOptions.new())


func _on_ada_joined(_space: MetaverseSpace) -> void:
	_at_ada.set_value(&"board/title", "Thursday")
	_at_ada.set_value(&"board/color", Color.GOLD)
	_bob.join_space(_ada.create_invite())


func _on_bob_synchronized() -> void:
	var title: String = _at_bob.get_value(&"board/title", "nothing")
	_say("Bob finds \"%s\" on the board." % title)
	_at_bob.set_value(&"board/title", title + ", ten o'clock")


func _on_changed(key: StringName, value: Variant, member: MetaverseMember, seen_by: String) -> void:
	_say("%s sees %s = %s, by %s." % [seen_by, key, value, member.display_name if member != null else "somebody who has left"])


func _say(text: String) -> void:
	_says.text += "\n" + text
