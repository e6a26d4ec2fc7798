package agi

import (
	"bytes"
	"strings"
)

// predefined are the channel variables with values of the environment, by its lines (main/pbx_variables.c,
// ast_str_retrieve_variable). A script cannot set them by SET VARIABLE.
var predefined = map[string]string{
	"CHANNEL": "agi_channel", "UNIQUEID": "agi_uniqueid", "EXTEN": "agi_extension", "CONTEXT": "agi_context",
	"PRIORITY": "agi_priority", "CALLINGPRES": "agi_callingpres", "CALLINGANI2": "agi_callingani2",
	"CALLINGTON": "agi_callington", "CALLINGTNS": "agi_callingtns",
}

// items are the functions that do, with their argument in any case (funcs/func_callerid.c,
// funcs/func_channel.c, funcs/func_version.c).
var items = [...]struct{ function, item, line string }{
	{"CALLERID", "num", "agi_callerid"},
	{"CALLERID", "number", "agi_callerid"},
	{"CALLERID", "name", "agi_calleridname"},
	{"CALLERID", "ani2", "agi_callingani2"},
	{"CALLERID", "ton", "agi_callington"},
	{"CALLERID", "dnid", "agi_dnid"},
	{"CALLERID", "rdnis", "agi_rdnis"},
	{"CHANNEL", "name", "agi_channel"},
	{"CHANNEL", "channame", "agi_channel"},
	{"CHANNEL", "uniqueid", "agi_uniqueid"},
	{"CHANNEL", "linkedid", "agi_uniqueid"},
	{"CHANNEL", "language", "agi_language"},
	{"CHANNEL", "channeltype", "agi_type"},
	{"CHANNEL", "accountcode", "agi_accountcode"},
	{"CHANNEL", "exten", "agi_extension"},
	{"CHANNEL", "context", "agi_context"},
	{"VERSION", "", "agi_version"},
}

// callerIDAll is the function that puts name and number together.
const callerIDAll = "CALLERID(all)"

// lineOf is the line of the environment that has the value of a variable or function; empty where none has.
func lineOf(name []byte) string {
	if line := predefined[string(name)]; line != "" {
		return line
	}
	function, item, ok := parts(name)
	if !ok {
		return ""
	}
	for i := range items {
		of := &items[i]
		if of.function == string(function) && len(of.item) == len(item) && strings.EqualFold(of.item, string(item)) {
			return of.line
		}
	}
	return ""
}

// parts are those of FUNCTION(ARGUMENT).
func parts(name []byte) (function, argument []byte, ok bool) {
	inner, ok := bytes.CutSuffix(name, []byte{')'})
	if !ok {
		return nil, nil, false
	}
	return bytes.Cut(inner, []byte{'('})
}

// isFunction reports whether the name is that of a dialplan function with its argument.
func isFunction(name []byte) bool {
	function, _, ok := parts(name)
	return ok && functions[string(function)]
}

// key appends the name that a variable is remembered by: DB(FAMILY/KEY) is an entry of the database.
func key(dst, name []byte) []byte {
	if function, argument, ok := parts(name); ok && string(function) == "DB" {
		if family, key, ok := bytes.Cut(argument, []byte{'/'}); ok {
			return databaseKey(dst, family, key)
		}
	}
	return append(dst, name...)
}

// setVariable is SET VARIABLE. Underscores that let a variable be inherited do not belong to its name
// (main/chanvars.c, ast_var_name).
func (c *Channel) setVariable(name, value []byte) {
	var room [64]byte
	for range 2 {
		name = bytes.TrimPrefix(name, []byte{'_'})
	}
	_, _, function := parts(name)
	switch {
	case len(name) == 0 || predefined[string(name)] != "": // Asterisk keeps it, and never shows it
	case function && !isFunction(name):
	default:
		c.remember(key(room[:0], name), value)
	}
}

// appendVariable answers GET VARIABLE.
func (a *answer) appendVariable(dst []byte) []byte {
	start := len(dst)
	dst, ok := a.appendValue(append(dst, "1 ("...), a.words[2])
	if !ok {
		return append(dst[:start], "0\n"...)
	}
	return append(dst, ")\n"...)
}

// appendValue appends what a variable or function holds, and reports whether there is such a one. A
// function that is unset holds nothing; one that would compute something does too.
func (a *answer) appendValue(dst, name []byte) ([]byte, bool) {
	var room [64]byte
	if value, ok := a.c.remembered(key(room[:0], name)); ok {
		return append(dst, value...), true
	}
	if value, ok := a.x.Variables[string(name)]; ok {
		return append(dst, value...), true
	}
	if line := lineOf(name); line != "" {
		if all, value, ok := a.resolve(dst, line); ok {
			return all[:len(dst)+copy(all[len(dst):], value)], true
		}
	}
	if string(name) == callerIDAll {
		return a.appendCallerID(dst), true
	}
	return dst, isFunction(name)
}

// resolve finds a line of the call's environment, which it writes behind dst: all is both.
func (a *answer) resolve(dst []byte, line string) (all, value []byte, ok bool) {
	if a.x.Environment == nil {
		return dst, nil, false
	}
	all = a.x.Environment(dst, a.call)
	for rest := all[len(dst):]; len(rest) > 0; {
		var text []byte
		text, rest, _ = bytes.Cut(rest, []byte{'\n'})
		name, value, _ := bytes.Cut(text, []byte(": "))
		if string(name) == line {
			return all, value, string(value) != unknownNumber || !mayBeUnknown(line)
		}
	}
	return all, nil, false
}

// unknownNumber is what Asterisk writes into the environment where it has no valid value (res_agi.c,
// setup_env).
const unknownNumber = "unknown"

// mayBeUnknown reports whether setup_env writes unknownNumber into the line.
func mayBeUnknown(line string) bool {
	return line == "agi_callerid" || line == "agi_calleridname" || line == "agi_dnid" || line == "agi_rdnis"
}

// appendCallerID appends "NAME" <NUMBER>.
func (a *answer) appendCallerID(dst []byte) []byte {
	dst, _ = a.appendValue(append(dst, '"'), []byte("CALLERID(name)"))
	dst, _ = a.appendValue(append(dst, `" <`...), []byte("CALLERID(num)"))
	return append(dst, '>')
}

// setCallerID is SET CALLERID: "NAME" <NUMBER>, a number or a name (main/callerid.c, ast_callerid_parse).
func (c *Channel) setCallerID(words [][]byte) {
	if len(words) < 3 {
		return
	}
	text := bytes.TrimSpace(words[2])
	name, number, ok := cutLast(text, '<')
	switch {
	case ok:
		number, _, _ = cutLast(number, '>')
		name = bytes.Trim(bytes.TrimSpace(name), `"`)
	case len(bytes.Trim(text, "0123456789*#+")) == 0:
		name, number = nil, text
	default:
		name, number = text, nil
	}
	c.remember([]byte("CALLERID(num)"), number)
	c.remember([]byte("CALLERID(name)"), name)
}

// cutLast cuts at the last separator; without one all is before it.
func cutLast(text []byte, separator byte) (before, after []byte, ok bool) {
	at := bytes.LastIndexByte(text, separator)
	if at < 0 {
		return text, nil, false
	}
	return text[:at], text[at+1:], true
}

// maxText bounds what an expression expands to, so that a reader takes the reply; Asterisk has no bound.
const maxText = MaxReply - len("200 result=1 ()")

// maxNesting bounds variables within names of variables; what lies deeper is empty. Asterisk has no bound.
const maxNesting = 8

// appendExpression answers GET FULL VARIABLE: text with ${…} in it (main/pbx_variables.c,
// ast_str_substitute_variables_full2). $[…] stays as it is: nothing is computed.
func (a *answer) appendExpression(dst []byte) []byte {
	if len(a.words) > 4 && !a.isOwn(dst, a.words[4]) {
		return append(dst, "0\n"...)
	}
	dst = append(dst, "1 ("...)
	start := len(dst)
	dst = a.expand(dst, a.words[3], 0)
	return append(dst[:min(len(dst), start+maxText)], ")\n"...)
}

func (a *answer) expand(dst, text []byte, depth int) []byte {
	for end := len(dst) + maxText; len(text) > 0 && len(dst) < end; {
		before, rest, ok := bytes.Cut(text, []byte("${"))
		dst = append(dst, before...)
		if !ok {
			break
		}
		var name []byte
		name, text = cutName(rest)
		dst = a.expandName(dst, name, depth)
	}
	return dst
}

// cutName cuts at the brace that ends a variable's name; without one all is the name.
func cutName(text []byte) (name, rest []byte) {
	open := 1
	for i, c := range text {
		switch c {
		case '{':
			open++
		case '}':
			if open--; open == 0 {
				return text[:i], text[i+1:]
			}
		}
	}
	return text, nil
}

// expandName appends the value of a name that may have variables in it.
func (a *answer) expandName(dst, name []byte, depth int) []byte {
	if !bytes.Contains(name, []byte("${")) {
		dst, _ = a.appendValue(dst, name)
		return dst
	}
	if depth == maxNesting {
		return dst
	}
	start := len(dst)
	dst = a.expand(dst, name, depth+1)
	all, _ := a.appendValue(dst, dst[start:])
	return all[:start+copy(all[start:], all[len(dst):])]
}
