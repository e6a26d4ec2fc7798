// Package capacity answers how much is enough for an arrival of calls: how many handlers, which backlog, what it
// costs, and where more is no use. It is pure: storms are played by a function that it is given, simulated or
// real, and it chooses the setting that tells most as the answers come in. Its types are data: codes and numbers.
package capacity
