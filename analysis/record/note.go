package record

import "encoding/json"

// Note is a fact about how a run was made: a code with arguments. A code keeps its meaning for good.
type Note struct {
	Code string `json:"code,omitempty"`
	// Name of a sysctl, its value Here and the one that was asked for (Want); Here is empty where it is not
	// known. Allow has sysctls with the values that would remove the cause, with blanks between.
	Name  string `json:"name,omitempty"`
	Here  string `json:"here,omitempty"`
	Want  string `json:"want,omitempty"`
	Allow string `json:"allow,omitempty"`
	// Error of the system.
	Error string `json:"error,omitempty"`
	// Words are all that runs of earlier versions have.
	Words string `json:"words,omitempty"`
}

// Codes of notes.
const (
	// NoteHostAsked: the host's own namespace was asked for.
	NoteHostAsked = "host-asked-for"
	// NoteServerRuns: the server was already running.
	NoteServerRuns = "server-already-running"
	// NoteNoNamespace: this machine refuses a namespace, with an Error.
	NoteNoNamespace = "no-namespace"
	// NoteNamespaceLimit: the limit of namespaces is reached.
	NoteNamespaceLimit = "namespace-limit"
	// NoteNotLinux: there are namespaces on Linux only.
	NoteNotLinux = "not-linux"
	// NoteLinkRefused: this machine refuses the link, with an Error; the calls go over loopback.
	NoteLinkRefused = "link-refused"
	// NoteLinkNeedsNamespace: without a namespace the calls go over loopback.
	NoteLinkNeedsNamespace = "link-needs-namespace"
	// NoteServerOnLoopback: the user's own server listens at Here, which is loopback; so do the calls go there.
	NoteServerOnLoopback = "server-on-loopback"
	// NoteTargetLeftOut: the server is the user's own, and what the scenario has of the built-in target is left out,
	// with the axes in Name.
	NoteTargetLeftOut = "target-left-out"
	// NoteAlone: the user's own server runs in a network without other hosts.
	NoteAlone = "no-other-hosts"
	// NoteOwnBacklog: the user's own server takes no backlog from the settings.
	NoteOwnBacklog = "own-backlog"
	// NoteSameSettings: so many settings (Want) did not differ from others any more.
	NoteSameSettings = "same-settings"
	// NoteSysctlDiffers: a sysctl of a setting that the host has otherwise.
	NoteSysctlDiffers = "sysctl-differs"
	// NoteSysctlNotSet: the same of a setting that was tried nevertheless.
	NoteSysctlNotSet = "sysctl-not-set"
	// NoteNotListening: no socket in this network namespace listens at the server's address.
	NoteNotListening = "not-listening"
	// NoteNoSample: no sample of the accept queue could be taken.
	NoteNoSample = "no-sample"
	// NoteQueueUnreadable: the accept queue cannot be read, with an Error.
	NoteQueueUnreadable = "queue-unreadable"
	// NoteSlabsUnreadable: the kernel's caches cannot be read, with an Error.
	NoteSlabsUnreadable = "slabs-unreadable"
	// NoteSlabsUnsteady: another program changed them meanwhile.
	NoteSlabsUnsteady = "slabs-unsteady"
	// NoteMemoryUnmeasured: the memory of a connection could not be measured, with an Error.
	NoteMemoryUnmeasured = "memory-unmeasured"
	// NoteReasonsRefused: this user may not count the kernel's drop reasons, with an Error.
	NoteReasonsRefused = "drop-reasons-refused"
	// NoteReasonsNoTracefs: tracefs, which has them, is not mounted, with an Error.
	NoteReasonsNoTracefs = "drop-reasons-no-tracefs"
	// NoteReasonsOldKernel: this kernel frees packets without a reason.
	NoteReasonsOldKernel = "drop-reasons-old-kernel"
	// NoteReasonsNotLinux: there are drop reasons on Linux only.
	NoteReasonsNotLinux = "drop-reasons-not-linux"
	// NoteReasonsUnreadable: they could not be counted, with an Error.
	NoteReasonsUnreadable = "drop-reasons-unreadable"
	// NoteShareUnreadable: the description of a share cannot be read, with an Error; its calls are missing.
	NoteShareUnreadable = "share-unreadable"
)

// UnmarshalJSON reads the words of earlier versions, too.
func (n *Note) UnmarshalJSON(data []byte) error {
	if data[0] == '"' {
		return json.Unmarshal(data, &n.Words)
	}
	type plain Note
	return json.Unmarshal(data, (*plain)(n))
}

// Notes are several of them.
type Notes []Note

// UnmarshalJSON reads the words of earlier versions, too.
func (n *Notes) UnmarshalJSON(data []byte) error {
	if data[0] == '"' {
		*n = make(Notes, 1)
		return (*n)[0].UnmarshalJSON(data)
	}
	return json.Unmarshal(data, (*[]Note)(n))
}
