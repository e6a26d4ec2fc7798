// Command servers is a Go server on port 8080 that takes 2 ms for each connection before it accepts the next. It
// listens with what Go gives listen(2): net.core.somaxconn.
package main

import (
	"io"
	"log"
	"net"
	"time"
)

func main() {
	l, err := net.Listen("tcp", ":8080")
	if err != nil {
		log.Fatal(err)
	}
	for {
		c, err := l.Accept()
		if err != nil {
			log.Fatal(err)
		}
		time.Sleep(2 * time.Millisecond)
		go func() {
			defer c.Close()
			_, _ = io.Copy(io.Discard, c) // until the client closes
		}()
	}
}
