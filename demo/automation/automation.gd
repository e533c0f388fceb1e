## Lets the game play itself when the command line says so.
class_name Automation
extends RefCounted


## Starts an automated player inside [param game] if there are arguments for one, or takes a person along to where they lead.
static func begin(game: Main, peer: MetaversePeer) -> void:
	var arguments := Arguments.parse(OS.get_cmdline_user_args())
	if not arguments.error.is_empty():
		printerr("Wrong arguments: %s." % arguments.error)
		game.get_tree().quit(2)
		return
	if not arguments.is_automated:
		_follow.call_deferred(game, arguments.invite_file)
		return
	var player: AutomatedPlayer = ScreenshotTour.new() if not arguments.screenshots.is_empty() else AutomatedPlayer.new()
	player.game = game
	player.peer = peer
	player.arguments = arguments
	game.add_child(player)


static func _follow(game: Main, invite_file: String) -> void:
	if not invite_file.is_empty():
		game.get_lobby().join(SharedFile.read(invite_file))
