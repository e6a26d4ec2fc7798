package agi

// syntax is a command of Asterisk (res_agi.c, its list of commands and their handlers).
type syntax struct {
	name        []string
	usage       string
	least, most int    // words, the name's included
	numbers     [2]int // the words that must be numbers, if they are there; 0: none
	dead        bool   // may run on a dead channel
	act         act
	place       string // the variable that setPlace sets
	result      string // after "200 result="
	missing     string // the same where the file cannot be opened
	offset      int    // the word whose number follows that; 0: none
}

// act names how the result is found.
type act uint8

const (
	fixed act = iota
	getVariable
	getFullVariable
	setVariable
	setCallerID
	setPlace
	thisChannel // with another channel's name the result is -1
	hangUp      // thisChannel, which ends
	execute     // with an application that does not exist the result is -2
	openFile    // the first word after the name is a file
	getDatabase
	putDatabase
	deleteDatabase
	deleteDatabaseTree
)

// results of a channel that is up, gets no input and has played everything, in an Asterisk without a speech
// engine.
const (
	none    = "0"
	one     = "1"
	failed  = "-1"
	up      = "6"
	noText  = "-1 (hangup)"
	digits  = " (timeout)"
	played  = "0 endpos=0"
	record  = "0 (timeout) endpos=0"
	atStart = "-1 endpos="
	noWrite = "-1 (writefile)"
)

// commands leaves out what a stock Asterisk has only with further modules (GOSUB).
var commands = [...]syntax{
	{name: []string{"answer"}, usage: "ANSWER", most: MaxWords, result: none},
	{name: []string{"asyncagi", "break"}, usage: "ASYNCAGI BREAK", most: MaxWords, dead: true, result: none},
	{name: []string{"channel", "status"}, usage: "CHANNEL STATUS [<channel>]", most: 3, act: thisChannel, result: up},
	{name: []string{"control", "stream", "file"},
		usage: "CONTROL STREAM FILE <file> <escape digits> [<skip ms>] [<forward>] [<rewind>] [<pause>] [<offset ms>]",
		least: 5, most: 10, numbers: [2]int{5, 9}, act: openFile, result: played, missing: "-1 endpos=-1"},
	{name: []string{"database", "del"}, usage: "DATABASE DEL <family> <key>", least: 4, most: 4, dead: true,
		act: deleteDatabase},
	{name: []string{"database", "deltree"}, usage: "DATABASE DELTREE <family> [<key tree>]", least: 3, most: 4,
		dead: true, act: deleteDatabaseTree},
	{name: []string{"database", "get"}, usage: "DATABASE GET <family> <key>", least: 4, most: 4, dead: true,
		act: getDatabase},
	{name: []string{"database", "put"}, usage: "DATABASE PUT <family> <key> <value>", least: 5, most: 5, dead: true,
		act: putDatabase},
	{name: []string{"exec"}, usage: "EXEC <application> [<options>]", least: 2, most: MaxWords, dead: true,
		act: execute, result: none},
	{name: []string{"get", "data"}, usage: "GET DATA <file> [<timeout ms>] [<most digits>]", least: 3, most: MaxWords,
		act: openFile, result: digits, missing: failed},
	{name: []string{"get", "full", "variable"}, usage: "GET FULL VARIABLE <expression> [<channel>]", least: 4, most: 5,
		dead: true, act: getFullVariable},
	{name: []string{"get", "option"}, usage: "GET OPTION <file> <escape digits> [<timeout ms>]", least: 4, most: 5,
		act: openFile, result: played, missing: atStart + "0"},
	{name: []string{"get", "variable"}, usage: "GET VARIABLE <name>", least: 3, most: 3, dead: true, act: getVariable},
	{name: []string{"hangup"}, usage: "HANGUP [<channel>]", most: 2, act: hangUp, result: one},
	{name: []string{"noop"}, usage: "NOOP", most: MaxWords, dead: true, result: none},
	{name: []string{"receive", "char"}, usage: "RECEIVE CHAR <timeout ms>", least: 3, most: 3, result: noText},
	{name: []string{"receive", "text"}, usage: "RECEIVE TEXT <timeout ms>", least: 3, most: 3, result: failed},
	{name: []string{"record", "file"},
		usage: "RECORD FILE <file> <format> <escape digits> <timeout ms> [<offset>] [BEEP] [s=<silence s>]",
		least: 6, most: MaxWords, numbers: [2]int{5}, act: openFile, result: record, missing: noWrite},
	{name: []string{"say", "alpha"}, usage: "SAY ALPHA <text> <escape digits>", least: 4, most: 4, result: none},
	{name: []string{"say", "date"}, usage: "SAY DATE <unix time> <escape digits>", least: 4, most: 4,
		numbers: [2]int{2}, result: none},
	{name: []string{"say", "datetime"}, usage: "SAY DATETIME <unix time> <escape digits> [<format>] [<zone>]",
		least: 4, most: MaxWords, numbers: [2]int{2}, result: none},
	{name: []string{"say", "digits"}, usage: "SAY DIGITS <digits> <escape digits>", least: 4, most: 4,
		numbers: [2]int{2}, result: none},
	{name: []string{"say", "number"}, usage: "SAY NUMBER <number> <escape digits> [<gender>]", least: 4, most: 5,
		numbers: [2]int{2}, result: none},
	{name: []string{"say", "phonetic"}, usage: "SAY PHONETIC <text> <escape digits>", least: 4, most: 4, result: none},
	{name: []string{"say", "time"}, usage: "SAY TIME <unix time> <escape digits>", least: 4, most: 4,
		numbers: [2]int{2}, result: none},
	{name: []string{"send", "image"}, usage: "SEND IMAGE <image>", least: 3, most: 3, result: none},
	{name: []string{"send", "text"}, usage: "SEND TEXT <text>", least: 3, most: 3, result: none},
	{name: []string{"set", "autohangup"}, usage: "SET AUTOHANGUP <seconds>", least: 3, most: 3,
		numbers: [2]int{2}, result: none},
	{name: []string{"set", "callerid"}, usage: "SET CALLERID <number>", most: MaxWords, act: setCallerID,
		result: one},
	{name: []string{"set", "context"}, usage: "SET CONTEXT <context>", least: 3, most: 3,
		act: setPlace, place: "CONTEXT", result: none},
	{name: []string{"set", "extension"}, usage: "SET EXTENSION <extension>", least: 3, most: 3,
		act: setPlace, place: "EXTEN", result: none},
	{name: []string{"set", "music"}, usage: "SET MUSIC <on|off> [<class>]", least: 3, most: MaxWords, result: none},
	{name: []string{"set", "priority"}, usage: "SET PRIORITY <priority>", least: 3, most: 3, numbers: [2]int{2},
		act: setPlace, place: "PRIORITY", result: none},
	{name: []string{"set", "variable"}, usage: "SET VARIABLE <name> <value>", least: 4, most: 4, dead: true,
		act: setVariable, result: one},
	{name: []string{"speech", "activate", "grammar"}, usage: "SPEECH ACTIVATE GRAMMAR <grammar>", least: 4, most: 4,
		result: none},
	{name: []string{"speech", "create"}, usage: "SPEECH CREATE <engine>", most: MaxWords, result: none},
	{name: []string{"speech", "deactivate", "grammar"}, usage: "SPEECH DEACTIVATE GRAMMAR <grammar>", least: 4, most: 4,
		result: none},
	{name: []string{"speech", "destroy"}, usage: "SPEECH DESTROY", most: MaxWords, dead: true, result: none},
	{name: []string{"speech", "load", "grammar"}, usage: "SPEECH LOAD GRAMMAR <grammar> <path>", least: 5, most: 5,
		result: none},
	{name: []string{"speech", "recognize"}, usage: "SPEECH RECOGNIZE <prompt> <timeout s> [<offset>]", least: 4,
		most: MaxWords, result: none},
	{name: []string{"speech", "set"}, usage: "SPEECH SET <name> <value>", least: 4, most: 4, result: none},
	{name: []string{"speech", "unload", "grammar"}, usage: "SPEECH UNLOAD GRAMMAR <grammar>", least: 4, most: 4,
		dead: true, result: none},
	{name: []string{"stream", "file"}, usage: "STREAM FILE <file> <escape digits> [<offset>]", least: 4, most: 5,
		numbers: [2]int{4}, act: openFile, result: played, missing: atStart, offset: 4},
	{name: []string{"tdd", "mode"}, usage: "TDD MODE <on|off|mate>", least: 3, most: 3, result: none},
	{name: []string{"verbose"}, usage: "VERBOSE <text> [<level>]", least: 2, most: MaxWords, dead: true, result: one},
	{name: []string{"wait", "for", "digit"}, usage: "WAIT FOR DIGIT <timeout ms>", least: 4, most: 4,
		numbers: [2]int{3}, result: none},
}
