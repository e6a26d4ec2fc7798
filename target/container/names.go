package container

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
)

// nameFiles are where runtimes keep the names of their containers, as patterns of path/filepath with ID in the place of
// the ID, each with what reads it.
var nameFiles = []struct {
	pattern string
	name    func(text []byte, id string) string
}{
	{"var/lib/docker/containers/ID/config.v2.json", dockerName},
	{"var/lib/containers/storage/overlay-containers/containers.json", podmanName},
	{"home/*/.local/share/containers/storage/overlay-containers/containers.json", podmanName},
	{"run/containerd/io.containerd.runtime.v2.task/*/ID/config.json", containerdName},
}

// nameOf reads the name of a container; empty where no file has it.
func (f *Finder) nameOf(id string) string {
	for _, file := range nameFiles {
		pattern := filepath.Join(f.root, strings.ReplaceAll(file.pattern, "ID", id))
		paths, _ := filepath.Glob(pattern) // it fails for a bad pattern only
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				continue
			}
			if name := file.name(text, id); name != "" {
				return name
			}
		}
	}
	return ""
}

// dockerName reads the configuration that dockerd keeps of a container, whose name has a slash before it.
func dockerName(text []byte, _ string) string {
	var config struct{ Name string }
	if json.Unmarshal(text, &config) != nil {
		return ""
	}
	return strings.TrimPrefix(config.Name, "/")
}

// podmanName reads the list of all containers of a storage (containers/storage).
func podmanName(text []byte, id string) string {
	var list []struct {
		ID    string   `json:"id"`
		Names []string `json:"names"`
	}
	if json.Unmarshal(text, &list) != nil {
		return ""
	}
	for _, c := range list {
		if c.ID == id && len(c.Names) > 0 {
			return c.Names[0]
		}
	}
	return ""
}

// containerdName reads the bundle of a container (OCI), which those who ask containerd for one annotate: nerdctl with
// its name, Kubernetes with that in its pod.
func containerdName(text []byte, _ string) string {
	var config struct {
		Annotations map[string]string `json:"annotations"`
	}
	if json.Unmarshal(text, &config) != nil {
		return ""
	}
	for _, key := range []string{"nerdctl/name", "io.kubernetes.cri.container-name"} {
		if name := config.Annotations[key]; name != "" {
			return name
		}
	}
	return ""
}
