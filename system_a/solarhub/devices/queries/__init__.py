"""SQL of devices: what people ask of them, what lets them in, whose number it is, and what goes on by itself."""
