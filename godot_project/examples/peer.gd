extends Control
## MetaversePeer: one creates a space and invites, the other joins and says hello. Two players in one window, so that it runs by
## itself; in a game there is one peer, and the invite goes by chat or e-mail.

@onready var _ada: MetaversePeer = $Ada
@onready var _bob: MetaversePeer = $Bob
@onready var _says: Label = %Says


func _ready() -> void:
	_ada.space_joined.connect(_on_ada_joined)
	_ada.message_received.connect(_on_ada_received)
	_bob.space_joined.connect(_on_bob_joined)
	_bob.join_failed.connect(_on_bob_failed)
	var error := _ada.create_space(MetaverseSpaceOptions.new())
	if error != OK:
		_say("No space: %s" % error_string(error))


func _on_ada_joined(_space: MetaverseSpace) -> void:
	var invite := _ada.create_invite(1, 600)
	_say("Ada invites one person, for ten minutes:\n%s" % invite)
	_bob.join_space(invite)


func _on_bob_joined(_space: MetaverseSpace) -> void:
	_say("Bob is in, and sees %d members." % _bob.get_members().size())
	_bob.send_message(&"chat", "Hello, Ada!")


func _on_bob_failed(_code: MetaversePeer.JoinError, message: String) -> void:
	_say("Bob is not in: %s" % message)


func _on_ada_received(member: MetaverseMember, topic: StringName, data: Variant) -> void:
	if topic == &"chat" and data is String:
		_say("%s says: %s" % [member.display_name, data])


func _say(text: String) -> void:
	_says.text += "\n" + text
