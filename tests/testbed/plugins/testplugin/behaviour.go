package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

func echo(_ *actions, _ call) error { return nil }

func editLabels(_ *actions, call call) error {
	call.metadata("labels")["edited-by"] = strings.ReplaceAll(call.request.text("plugin"), "/", "_")
	return call.answer()
}

func fails(_ *actions, _ call) error { return errors.New("this item cannot be restored") }

func panics(_ *actions, _ call) error { panic("no such luck") }

func skips(_ *actions, call call) error {
	call.response.set("skipRestore", true)
	return nil
}

// slow sleeps for the duration in the annotation.
func slow(_ *actions, call call) error {
	pause, err := time.ParseDuration(call.option("pause"))
	if err == nil {
		time.Sleep(pause)
	}
	return err
}

// crash ends the process unless the file named by the annotation exists; it is made first.
func crash(_ *actions, call call) error {
	mark := call.option("mark")
	if _, err := os.Stat(mark); mark != "" && err == nil {
		return nil
	}
	if mark != "" {
		if err := os.WriteFile(mark, nil, 0o600); err != nil {
			return err
		}
	}
	fmt.Fprintln(processStderr, "fatal error: this plugin ends itself")
	os.Exit(3)
	return nil
}

// big answers with more than a client with the usual limits takes.
func big(_ *actions, call call) error {
	call.item["data"] = map[string]any{"big": strings.Repeat("x", 5<<20)}
	return call.answer()
}

// noisy writes more than pipes hold, to both streams.
func noisy(_ *actions, call call) error {
	fmt.Fprintln(os.Stdout, "a line on stdout")
	fmt.Fprintln(os.Stderr, "a line on stderr")
	filler := strings.Repeat("y", 1000)
	for range 300 {
		fmt.Fprintln(os.Stdout, filler)
		fmt.Fprintln(os.Stderr, filler)
	}
	processStderr.WriteString(
		`{"@level":"warn","@message":"a warning","@logSourceSetBy":"plugin","level":"warning",` +
			`"logSource":"x.go:1","item":"` + call.option("pause") + `"}` + "\n")
	return nil
}

// The stream that the library replaces after the start; a crash of Go's runtime writes here.
var processStderr = os.Stderr

// waits names the ConfigMaps of the annotation as additional items, ready after some polls.
func waits(a *actions, call call) error {
	metadata := call.item["metadata"].(map[string]any)
	for _, name := range strings.Split(call.option("needs"), ",") {
		item := call.response.add("additionalItems")
		item.set("resource", "configmaps")
		item.set("namespace", metadata["namespace"].(string))
		item.set("name", name)
	}
	call.response.set("waitForAdditionalItems", true)
	if text := call.option("ready-timeout"); text != "" {
		timeout, err := time.ParseDuration(text)
		if err != nil {
			return err
		}
		call.response.duration("additionalItemsReadyTimeout", timeout)
	}
	return nil
}

// ready is true at the third question about the same items; never for one called "never".
func (a *actions) ready(request, response message) error {
	names := make([]string, 0)
	for _, item := range request.list("additionalItems") {
		names = append(names, item.text("namespace")+"/"+item.text("name"))
	}
	key := strings.Join(names, ",")
	if strings.HasSuffix(key, "/broken") {
		return errors.New("what this item needs is broken")
	}
	a.lock.Lock()
	defer a.lock.Unlock()
	a.polls[key]++
	response.set("ready", a.polls[key] >= 3 && !strings.HasSuffix(key, "/never"))
	return nil
}

type operation struct {
	polls    int64
	canceled bool
	started  time.Time
}

// operates starts an operation that is done at the fourth poll. With the annotation `follow` it is
// done when that file exists, whose content is the error: such an operation outlives the process.
func operates(a *actions, call call) error {
	if path := call.option("follow"); path != "" {
		call.response.set("operationID", followed+path)
		return nil
	}
	metadata := call.item["metadata"].(map[string]any)
	id := fmt.Sprintf("operation-%v", metadata["name"])
	a.lock.Lock()
	defer a.lock.Unlock()
	a.operations[id] = &operation{started: time.Now()}
	call.response.set("operationID", id)
	return nil
}

const followed = "follow:"

func followFile(path string, response message) {
	content, err := os.ReadFile(path)
	progress := response.part("progress")
	progress.set("completed", err == nil)
	progress.set("err", strings.TrimSpace(string(content)))
	progress.moment("started", time.Time{})
	progress.moment("updated", time.Time{})
}

func (a *actions) running(request message) (*operation, error) {
	id := request.text("operationID")
	if found := a.operations[id]; found != nil {
		return found, nil
	}
	return nil, fmt.Errorf("operation ID %s is invalid", id)
}

func (a *actions) progress(request, response message) error {
	if path, found := strings.CutPrefix(request.text("operationID"), followed); found {
		followFile(path, response)
		return nil
	}
	a.lock.Lock()
	defer a.lock.Unlock()
	running, err := a.running(request)
	if err != nil {
		return err
	}
	running.polls = min(running.polls+1, 4)
	progress := response.part("progress")
	progress.set("completed", running.polls == 4 || running.canceled)
	if running.canceled {
		progress.set("err", "cancelled")
	}
	progress.set("nCompleted", running.polls*25)
	progress.set("nTotal", int64(100))
	progress.set("operationUnits", "Percent")
	progress.set("description", fmt.Sprintf("poll %d", running.polls))
	// The zero time is what Go sends for an unknown one.
	progress.moment("started", running.started)
	progress.moment("updated", time.Time{})
	return nil
}

func (a *actions) cancel(request, _ message) error {
	if path, found := strings.CutPrefix(request.text("operationID"), followed); found {
		return os.WriteFile(path+".canceled", nil, 0o600)
	}
	a.lock.Lock()
	defer a.lock.Unlock()
	running, err := a.running(request)
	if err != nil {
		return err
	}
	running.canceled = true
	return nil
}
