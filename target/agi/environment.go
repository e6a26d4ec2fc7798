package agi

import "strconv"

// Environment holds what Asterisk sends about the call before the first command. The fields are in the
// order of the wire; the values are sent as they are and must not hold a line feed. An unknown value is
// "unknown" for the caller's and the called numbers, and empty for the account code.
type Environment struct {
	// Script is the URL's path without its first slash, with the query, undecoded.
	// An empty one is not sent at all.
	Script       string
	Request      string
	Channel      string
	Language     string
	Type         string
	UniqueID     string
	Version      string
	CallerID     string
	CallerIDName string
	CallingPres  string
	CallingANI2  string
	CallingTON   string
	CallingTNS   string
	DNID         string
	RDNIS        string
	Context      string
	Extension    string
	Priority     string
	Enhanced     string
	AccountCode  string
	ThreadID     string
	// Args are the arguments of the AGI application, sent as agi_arg_1, agi_arg_2 …
	Args []string
}

// Append appends the environment as Asterisk writes it, the empty line at the end
// included (res_agi.c, setup_env). Asterisk writes each of the lines by a write(2) of its own.
func (e *Environment) Append(dst []byte) []byte {
	dst = appendVariable(dst, "network", "yes")
	if e.Script != "" {
		dst = appendVariable(dst, "network_script", e.Script)
	}
	for i, value := range e.variables() {
		dst = appendVariable(dst, names[i], *value)
	}
	for i, arg := range e.Args {
		dst = append(dst, "agi_arg_"...)
		dst = strconv.AppendInt(dst, int64(i)+1, 10)
		dst = appendValue(dst, arg)
	}
	return append(dst, '\n')
}

// names are the variables after the script, in the order of the wire, without "agi_".
var names = [...]string{
	"request", "channel", "language", "type", "uniqueid", "version", "callerid", "calleridname",
	"callingpres", "callingani2", "callington", "callingtns", "dnid", "rdnis", "context",
	"extension", "priority", "enhanced", "accountcode", "threadid",
}

// variables are the places of the values that belong to names.
func (e *Environment) variables() [len(names)]*string {
	return [...]*string{
		&e.Request, &e.Channel, &e.Language, &e.Type, &e.UniqueID, &e.Version, &e.CallerID, &e.CallerIDName,
		&e.CallingPres, &e.CallingANI2, &e.CallingTON, &e.CallingTNS, &e.DNID, &e.RDNIS, &e.Context,
		&e.Extension, &e.Priority, &e.Enhanced, &e.AccountCode, &e.ThreadID,
	}
}

func appendVariable(dst []byte, name, value string) []byte {
	dst = append(dst, "agi_"...)
	dst = append(dst, name...)
	return appendValue(dst, value)
}

// appendValue keeps the blank before an empty value: some servers split on it.
func appendValue(dst []byte, value string) []byte {
	dst = append(dst, ": "...)
	dst = append(dst, value...)
	return append(dst, '\n')
}
