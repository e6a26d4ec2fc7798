package calllog

import (
	"slices"
	"strings"
)

// separators of tables, the surest first. A blank separates words.
const separators = "\t;|,"

// cells divides a line. A quoted cell may hold separators, and a quote as two.
func cells(line string, separator byte) []string {
	var list []string
	for more := true; more; {
		var cell string
		cell, line, more = cutCell(line, separator)
		list = append(list, cell)
	}
	return list
}

// cell returns the one of a column, counted from 1.
func cell(line string, separator byte, column int) (string, bool) {
	for more := true; more; column-- {
		var text string
		text, line, more = cutCell(line, separator)
		if column == 1 {
			return text, true
		}
	}
	return "", false
}

// cutCell returns the first cell, and whether there are more.
func cutCell(line string, separator byte) (cell, rest string, more bool) {
	trimmed := line
	if separator != ' ' {
		trimmed = strings.TrimLeft(line, " ")
	}
	if separator == ' ' || trimmed == "" || trimmed[0] != '"' {
		return strings.Cut(line, string(separator))
	}
	for i := 1; i < len(trimmed); i++ {
		if trimmed[i] != '"' {
			continue
		}
		if i+1 < len(trimmed) && trimmed[i+1] == '"' {
			i++
			continue
		}
		_, rest, more = strings.Cut(trimmed[i+1:], string(separator))
		return strings.ReplaceAll(trimmed[1:i], `""`, `"`), rest, more
	}
	return strings.Cut(line, string(separator)) // a quote that does not end
}

// fromWord returns the rest of a line from a word on, counted from 1.
func fromWord(line string, word int) (string, bool) {
	for ; ; word-- {
		line = strings.TrimLeft(line, " \t")
		if word == 1 || line == "" {
			return strings.TrimLeft(line, `["'(`), line != ""
		}
		if i := strings.IndexAny(line, " \t"); i >= 0 {
			line = line[i:]
		} else {
			line = ""
		}
	}
}

// emptyValues are values that databases and logs write for none.
var emptyValues = []string{"", "-", "NULL", `\N`, "NONE", "N/A", "0000-00-00 00:00:00"}

// isEmpty reports whether a cell holds no value.
func isEmpty(cell string) bool {
	return slices.ContainsFunc(emptyValues, func(empty string) bool { return strings.EqualFold(cell, empty) })
}

// trimCell drops from a cell what may surround a time.
func trimCell(cell string) string { return strings.Trim(cell, " \t[]'\"") }
