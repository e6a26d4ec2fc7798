//go:build race

package plots

// drawnDPI is a quarter of pngDPI: the race detector makes each pixel ten times as slow. What is drawn is the same.
const drawnDPI = pngDPI / 4
