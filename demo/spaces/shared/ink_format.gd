## How a piece of a line is written into the shared state: color, width, then two 16-bit numbers for each point.
class_name InkFormat
extends RefCounted

## Points of one piece. A longer line goes on in the next one, so that only its end travels while it grows.
const MAX_POINTS := 48
const HEADER := 2
const POINT := 4
const SCALE := 65535.0


## [param piece] as bytes.
static func write(piece: BoardInk.Piece) -> PackedByteArray:
	var bytes := PackedByteArray()
	bytes.resize(HEADER + POINT * piece.points.size())
	bytes[0] = piece.color
	bytes[1] = piece.width
	for i: int in piece.points.size():
		bytes.encode_u16(HEADER + POINT * i, roundi(clampf(piece.points[i].x, 0.0, 1.0) * SCALE))
		bytes.encode_u16(HEADER + POINT * i + 2, roundi(clampf(piece.points[i].y, 0.0, 1.0) * SCALE))
	return bytes


## The piece in [param value], or null when it is none.
static func read(value: Variant) -> BoardInk.Piece:
	if value is not PackedByteArray:
		return null
	var bytes: PackedByteArray = value
	@warning_ignore("integer_division")
	var count := (bytes.size() - HEADER) / POINT
	if count < 1 or count > MAX_POINTS or bytes.size() != HEADER + POINT * count:
		return null
	if bytes[0] >= BoardInk.COLORS.size() or bytes[1] >= BoardInk.WIDTHS.size():
		return null
	var piece := BoardInk.Piece.new()
	piece.color = bytes[0]
	piece.width = bytes[1]
	for i: int in count:
		piece.points.append(Vector2(bytes.decode_u16(HEADER + POINT * i), bytes.decode_u16(HEADER + POINT * i + 2)) / SCALE)
	return piece
