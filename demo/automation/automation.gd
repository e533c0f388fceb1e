## Lets the game play itself when the command line says so.
class_name Automation
extends RefCounted


## Starts an automated player inside [param game] if there are arguments for one.
static func begin(game: Main, peer: MetaversePeer) -> void:
	var arguments := Arguments.parse(OS.get_cmdline_user_args())
	if not arguments.error.is_empty():
		printerr("Wrong arguments: %s." % arguments.error)
		game.get_tree().quit(2)
		return
	if not arguments.is_automated:
		return
	var player: AutomatedPlayer = ScreenshotTour.new() if not arguments.screenshots.is_empty() else AutomatedPlayer.new()
	player.game = game
	player.peer = peer
	player.arguments = arguments
	game.add_child(player)
