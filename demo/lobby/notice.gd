## A boxed message with an icon: an error or a piece of news. Hidden while it has nothing to say.
class_name Notice
extends PanelContainer

@onready var _headline: Label = %Headline
@onready var _text: Label = %Text


func _ready() -> void:
	clear()


## Shows [param headline] in bold and [param text] below it; [param text] may be empty.
func say(headline: String, text: String = "") -> void:
	_headline.text = headline
	_text.text = text
	_text.visible = not text.is_empty()
	show()


## Hides the message.
func clear() -> void:
	hide()
