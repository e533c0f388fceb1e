## Reads a picture from the player's disk.
class_name PictureFile
extends RefCounted

## Largest file that members accept, in bytes.
const MAX_BYTES := 2 * 1024 * 1024
## Largest width and height that members accept, in pixels.
const MAX_PIXELS := 2048
## What the file dialog offers.
const FILTERS: PackedStringArray = ["*.png,*.jpg,*.jpeg,*.webp;Pictures;image/png,image/jpeg,image/webp"]

## The picture, or null when [member error] says why not.
var texture: Texture2D
## A sentence for the player; empty when the picture is there.
var error: String


## Reads the PNG, JPEG or WebP file at [param path].
static func open(path: String) -> PictureFile:
	var file := PictureFile.new()
	file.error = file._read(path)
	return file


func _read(path: String) -> String:
	var file := FileAccess.open(path, FileAccess.READ)
	if file == null or file.get_length() == 0:
		return "That file could not be opened."
	if file.get_length() > MAX_BYTES:
		return "That picture is larger than 2 MB. Choose a smaller one."
	var bytes := file.get_buffer(file.get_length())
	var image := Image.new()
	if _decode(image, bytes) != OK or image.is_empty():
		return "That file is not a PNG, JPEG or WebP picture."
	if maxi(image.get_width(), image.get_height()) > MAX_PIXELS:
		return "That picture is larger than 2048 x 2048 pixels. Choose a smaller one."
	texture = ImageTexture.create_from_image(image)
	return ""


# By content, because file endings lie.
func _decode(image: Image, bytes: PackedByteArray) -> Error:
	if bytes.slice(0, 4).hex_encode() == "89504e47":
		return image.load_png_from_buffer(bytes)
	if bytes.slice(0, 2).hex_encode() == "ffd8":
		return image.load_jpg_from_buffer(bytes)
	if bytes.slice(8, 12).get_string_from_ascii() == "WEBP":
		return image.load_webp_from_buffer(bytes)
	return ERR_FILE_UNRECOGNIZED
