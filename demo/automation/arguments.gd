## What the command line asks of an automated player: everything after [code]--[/code].
##
## [codeblock lang=text]
## --auto                play without a person
## --create SCENE        create a space with the scene classroom or garden
## --invite-out FILE     write its invite there
## --invite-file FILE    wait for that file, then join; follow when its invite changes,
##                       and leave when it is gone. A person joins at once
## --name NAME           the name that others see
## --picture FILE        the picture that others see
## --seconds S           how long to stay
## --members N           how many others to expect
## --bots N              how many of them are bots, which share nothing
## --report FILE         write what was seen there, as one JSON object
## --close-file FILE     when that file is there, do as if the window were closed
## --screenshot FOLDER   go through every screen and write pictures there
## [/codeblock]
class_name Arguments
extends RefCounted

var is_automated := false
var scene := ""
var invite_out := ""
var invite_file := ""
var player_name := "Automated player"
var picture := ""
var seconds := 20.0
var members := 0
var bots := 0
var report := ""
var close_file := ""
var screenshots := ""
## What could not be understood; empty when all is well.
var error := ""


## Reads [param words], the arguments in their order.
static func parse(words: PackedStringArray) -> Arguments:
	var arguments := Arguments.new()
	var i := 0
	while i < words.size():
		var takes_value := words[i] != "--auto"
		if takes_value and i + 1 >= words.size():
			arguments.error = "%s needs a value" % words[i]
			return arguments
		arguments._take(words[i], words[i + 1] if takes_value else "")
		i += 2 if takes_value else 1
	if not arguments.scene.is_empty() and not SpaceCatalog.SCENES.has(arguments.scene):
		arguments.error = "there is no scene called %s" % arguments.scene
	return arguments


func _take(option: String, value: String) -> void:
	match option:
		"--auto":
			is_automated = true
		"--create":
			scene = value
		"--invite-out":
			invite_out = value
		"--invite-file":
			invite_file = value
		"--name":
			player_name = value
		"--picture":
			picture = value
		"--seconds":
			seconds = value.to_float()
		"--members":
			members = value.to_int()
		"--bots":
			bots = value.to_int()
		"--report":
			report = value
		"--close-file":
			close_file = value
		"--screenshot":
			is_automated = true
			screenshots = value
		_:
			error = "unknown argument %s" % option
