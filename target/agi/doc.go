// Package agi is what is spoken over FastAGI: the environment that Asterisk sends first,
// the commands that a script server sends after it, and the replies to them. It is a codec
// without I/O: readers are fed with chunks of any size, writers append to a buffer.
//
// The rules are those of Asterisk's res/res_agi.c; testdata/asterisk holds captured sessions.
package agi
