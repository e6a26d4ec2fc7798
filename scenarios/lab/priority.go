package lab

import (
	"agistorm/analysis/record"
	"agistorm/target/rawsock"
)

// stormNice is the nice value of the processes that play and measure a storm, and of their session among all
// sessions: ten times the weight of any other (sched_prio_to_weight in the kernel's kernel/sched/core.c). No
// real-time class: a server that never sleeps must not stop the machine. What each process got is in the
// record.
const stormNice = -10

// start starts the process ahead of other work, where that is permitted. Its children inherit the nice value
// and the session. Both end with the processes: a kill leaves nothing to undo.
func (c *child) start() error {
	_, err := rawsock.WithNice(stormNice, c.cmd.Start) // refused: the record has its value
	if err == nil && c.cmd.SysProcAttr != nil {        // in a session of its own
		_ = rawsock.SetAutogroup(c.cmd.Process.Pid, stormNice) // likewise
	}
	return err
}

// aheadThread is a thread of this process, which competes with the user's own work, that measures a storm: it
// gets the nice value of the storm's processes while it does, where that is permitted.
type aheadThread struct {
	// priority that it had; nil where the system does not report it. Read it when the thread has left.
	priority *record.Priority
}

// enter is called on the thread, which its goroutine is locked to.
func (a *aheadThread) enter() (leave func()) {
	restore, _ := rawsock.ThreadNice(stormNice) // refused: the record has its value
	a.priority = priorityOf(rawsock.ThreadPriority())
	return func() { _ = restore() } // a lower priority is never refused
}

// ownPriority is that of this process; nil where the system does not report it.
func ownPriority() *record.Priority {
	return priorityOf(rawsock.OwnPriority())
}

func priorityOf(p rawsock.Priority, err error) *record.Priority {
	if err != nil {
		return nil
	}
	return &record.Priority{Nice: p.Nice, AutogroupNice: p.Autogroup, Session: p.Session}
}
