class_name Bench
extends Node
## A program that measures, started by a bench in Rust with `--name value` pairs, one of them `--bench` with its name.

## The line that tells that measuring has begun.
const READY := "MEASURING"

var arguments: Dictionary[String, String] = _command_line()


## Waits for so many frames.
func frames(count: int) -> void:
	for _frame: int in count:
		await get_tree().process_frame


## Waits until something holds.
func until(condition: Callable) -> void:
	while not condition.call():
		await get_tree().process_frame


## Writes what was measured to the file that the bench reads.
func report(figures: Dictionary[String, Variant]) -> void:
	# JSON has no word for what was not measured but null.
	for key: String in figures:
		var value: float = figures[key]
		if is_nan(value):
			figures[key] = null
	var file := FileAccess.open(arguments["report"], FileAccess.WRITE)
	file.store_string(JSON.stringify(figures))


static func _command_line() -> Dictionary[String, String]:
	var pairs: Dictionary[String, String] = {}
	var words := OS.get_cmdline_user_args()
	for place: int in range(0, words.size() - 1, 2):
		pairs[words[place].trim_prefix("--")] = words[place + 1]
	return pairs
