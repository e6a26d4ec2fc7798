package spec

// Names of engines, of the server and of the generator alike.
const (
	// EngineAuto is the best engine that this system has.
	EngineAuto = "auto"
	// EngineEpoll has an epoll instance for each of its threads; Linux only.
	EngineEpoll = "epoll"
	// EnginePortable is package net, with a goroutine for each connection.
	EnginePortable = "portable"
)
