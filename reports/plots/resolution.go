//go:build !race

package plots

// drawnDPI is the resolution of the pictures that are drawn.
const drawnDPI = pngDPI
