package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
)

const (
	domain = "example.test/"
	v1     = "RestoreItemAction"
	v2     = "RestoreItemActionV2"
)

// call is one Execute; an action fills the response.
type call struct {
	item     map[string]any
	request  message
	response message
}

type execute func(actions *actions, call call) error

// What is registered without flags; v1 and v2 under a name of their own each.
var registered = map[string]map[string]execute{
	v1: {"v1-labels": editLabels, "v1-echo": echo},
	v2: {
		"big":      big,
		"crash":    crash,
		"fails":    fails,
		"labels":   editLabels,
		"noisy":    noisy,
		"operates": operates,
		"panics":   panics,
		"plain":    echo,
		"skips":    skips,
		"slow":     slow,
		"waits":    waits,
	},
}

type actions struct {
	byKind     map[string]map[string]execute
	lock       sync.Mutex
	operations map[string]*operation
	polls      map[string]int
}

func newActions(only, also []string) *actions {
	made := &actions{
		byKind:     map[string]map[string]execute{v1: {}, v2: {}},
		operations: map[string]*operation{},
		polls:      map[string]int{},
	}
	for kind, byName := range registered {
		for name, action := range byName {
			if only == nil || slices.Contains(only, kind+":"+domain+name) {
				made.byKind[kind][domain+name] = action
			}
		}
	}
	for _, entry := range also {
		kind, name, _ := strings.Cut(entry, ":")
		made.byKind[kind][name] = editLabels
	}
	return made
}

func (a *actions) handler(service, method string) handler {
	kind := v1
	if service == "v2.RestoreItemAction" {
		kind = v2
	}
	switch method {
	case "ListPlugins":
		return a.list
	case "AppliesTo":
		return func(request, response message) error { return a.appliesTo(kind, request, response) }
	case "Execute":
		return func(request, response message) error { return a.execute(kind, request, response) }
	case "Progress":
		return a.progress
	case "Cancel":
		return a.cancel
	default:
		return a.ready
	}
}

func (a *actions) list(_, response message) error {
	for _, kind := range []string{v1, v2} {
		names := make([]string, 0)
		for name := range a.byKind[kind] {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			entry := response.add("plugins")
			entry.set("command", os.Args[0])
			entry.set("kind", kind)
			entry.set("name", name)
		}
	}
	return nil
}

func (a *actions) find(kind string, request message) (execute, error) {
	name := request.text("plugin")
	if found := a.byKind[kind][name]; found != nil {
		return found, nil
	}
	return nil, fmt.Errorf("no %s %s in this plugin", kind, name)
}

func (a *actions) appliesTo(kind string, request, response message) error {
	if _, err := a.find(kind, request); err != nil {
		return err
	}
	selector := response.part("ResourceSelector")
	selector.texts("includedResources", "configmaps")
	selector.set("selector", request.text("plugin"))
	return nil
}

func (a *actions) execute(kind string, request, response message) error {
	action, err := a.find(kind, request)
	if err != nil {
		return err
	}
	item := map[string]any{}
	for _, field := range []string{"restore", "itemFromBackup", "item"} {
		item = map[string]any{}
		if err := json.Unmarshal(request.bytes(field), &item); err != nil {
			return fmt.Errorf("%s: %w", field, err)
		}
	}
	if item["kind"] == nil {
		return errors.New("Object 'Kind' is missing")
	}
	if kind == v2 {
		response.duration("additionalItemsReadyTimeout", 0)
	}
	response.set("item", request.bytes("item"))
	return action(a, call{item, request, response})
}

func (c call) answer() error {
	data, err := json.Marshal(c.item)
	if err == nil {
		c.response.set("item", data)
	}
	return err
}

func (c call) metadata(part string) map[string]any {
	metadata, _ := c.item["metadata"].(map[string]any)
	found, _ := metadata[part].(map[string]any)
	if found == nil {
		found = map[string]any{}
		metadata[part] = found
	}
	return found
}

// option is an annotation by which an item says what an action is to do.
func (c call) option(name string) string {
	text, _ := c.metadata("annotations")[domain+name].(string)
	return text
}
