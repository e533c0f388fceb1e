## An open ring; whoever shows it turns it.
extends Control

const THICKNESS := 4.0

## The ring's color.
@export var color: Color = Color.WHITE


func _draw() -> void:
	var radius := minf(size.x, size.y) / 2.0 - THICKNESS
	draw_arc(size / 2.0, radius, 0.0, TAU, 48, Color(color, 0.2), THICKNESS, true)
	draw_arc(size / 2.0, radius, 0.0, TAU * 0.3, 24, color, THICKNESS, true)
