package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// nobody is the user and the group that the program runs as.
const nobody = "65534:65534"

// images writes one image for each system of Linux: all as an OCI layout with an index, and each as an archive that
// `docker load` takes.
func (r *release) images(linux []system) error {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, s := range linux {
		oci, err := r.image(s, types.OCILayer, types.OCIManifestSchema1, types.OCIConfigJSON)
		if err != nil {
			return err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: oci, Descriptor: v1.Descriptor{
			Platform: &v1.Platform{OS: s.os, Architecture: s.arch},
		}})
		docker, err := r.image(s, types.DockerLayer, types.DockerManifestSchema2, types.DockerConfigJSON)
		if err != nil {
			return err
		}
		tag, err := name.NewTag("agistorm:" + r.version)
		if err != nil {
			return err
		}
		archive := filepath.Join(r.out, fmt.Sprintf("agistorm_%s_image_%s.tar", r.version, s.arch))
		if err := tarball.WriteToFile(archive, tag, docker); err != nil {
			return err
		}
	}
	tagged := mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: index, Descriptor: v1.Descriptor{
		Annotations: map[string]string{"org.opencontainers.image.ref.name": r.version},
	}})
	_, err := layout.Write(filepath.Join(r.out, fmt.Sprintf("agistorm_%s_image", r.version)), tagged)
	return err
}

// image has the program, its licences, and the folders that it may write to: /tmp, and /results where it begins.
func (r *release) image(s system, layerType, manifest, config types.MediaType) (v1.Image, error) {
	program, err := r.binary(s)
	if err != nil {
		return nil, err
	}
	program.name = "usr/local/bin/agistorm"
	all := []file{{"tmp/", 0o1777, nil}, {"results/", 0o1777, nil}, program}
	for _, text := range []string{"LICENSE", "THIRD-PARTY.txt"} {
		content, err := os.ReadFile(filepath.Join(r.built, "texts", text))
		if err != nil {
			return nil, err
		}
		all = append(all, file{"usr/share/doc/agistorm/" + text, 0o644, content})
	}
	var out bytes.Buffer
	if err := r.writeTar(&out, all); err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(out.Bytes())), nil
	}, tarball.WithMediaType(layerType))
	if err != nil {
		return nil, err
	}
	img := mutate.ConfigMediaType(mutate.MediaType(empty.Image, manifest), config)
	img, err = mutate.Append(img, mutate.Addendum{Layer: layer, MediaType: layerType, History: v1.History{
		Created: v1.Time{Time: r.at}, CreatedBy: "scripts/dist",
	}})
	if err != nil {
		return nil, err
	}
	return mutate.ConfigFile(img, r.config(img, s))
}

// config says how the image runs.
func (r *release) config(img v1.Image, s system) *v1.ConfigFile {
	file, err := img.ConfigFile()
	if err != nil {
		panic(err) // an image in memory has one
	}
	file = file.DeepCopy()
	file.OS, file.Architecture, file.Created = s.os, s.arch, v1.Time{Time: r.at}
	file.Config = v1.Config{
		Entrypoint: []string{"agistorm"}, User: nobody, WorkingDir: "/results",
		Env: []string{"PATH=/usr/local/bin", "HOME=/tmp"},
		Labels: map[string]string{
			"org.opencontainers.image.title":       "agistorm",
			"org.opencontainers.image.description": summary,
			"org.opencontainers.image.version":     r.version,
			"org.opencontainers.image.licenses":    "MIT",
			"org.opencontainers.image.created":     r.at.Format("2006-01-02T15:04:05Z"),
		},
	}
	return file
}
