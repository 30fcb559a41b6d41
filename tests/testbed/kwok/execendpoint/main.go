// Command execendpoint answers exec as a kubelet does, for what KWOK cannot: exit codes, commands
// that take long, and a list of what was run.
//
// It serves /exec/{namespace}/{pod}/{container} over TLS on loopback, with the streaming protocols
// of a kubelet, and runs the commands on this machine. Every command is noted as one line of JSON
// on the standard output before it is started.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"log"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
	utilexec "k8s.io/utils/exec"
)

const patience = time.Hour

type run struct {
	Pod       string   `json:"pod"`
	Container string   `json:"container"`
	Command   []string `json:"command"`
}

type host struct {
	mutex sync.Mutex
	notes *json.Encoder
}

// ExecInContainer runs the command here; an exit code travels as a kubelet's does.
func (h *host) ExecInContainer(ctx context.Context, pod, _, container string, command []string,
	_ io.Reader, stdout, stderr io.WriteCloser, _ bool, _ <-chan remotecommand.TerminalSize,
	_ time.Duration) error {
	h.mutex.Lock()
	err := h.notes.Encode(run{Pod: pod, Container: container, Command: command})
	h.mutex.Unlock()
	if err != nil {
		return err
	}
	process := exec.CommandContext(ctx, command[0], command[1:]...)
	process.Stdout, process.Stderr = stdout, stderr
	// No command outlives this server. The kernel asks for the thread that started it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	// A child that keeps the streams open does not hold up the end of the command.
	process.WaitDelay = time.Second
	err = process.Run()
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		return utilexec.CodeExitError{Err: err, Code: exitCode(ended)}
	}
	return err
}

// exitCode is that of a container runtime: a signal counts from 128.
func exitCode(ended *exec.ExitError) int {
	if status, ok := ended.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return ended.ExitCode()
}

func (h *host) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	parts := strings.Split(strings.Trim(request.URL.Path, "/"), "/")
	if len(parts) != 4 || parts[0] != "exec" {
		http.NotFound(writer, request)
		return
	}
	options, err := remotecommand.NewOptions(request)
	if err != nil {
		http.Error(writer, err.Error(), http.StatusBadRequest)
		return
	}
	remotecommand.ServeExec(writer, request, h, parts[1]+"/"+parts[2], "", parts[3],
		request.URL.Query()["command"], options, patience, patience,
		remotecommand.SupportedStreamingProtocols)
}

func main() {
	address := flag.String("address", "", "where to listen, host:port")
	certificate := flag.String("tls-cert-file", "", "certificate")
	key := flag.String("tls-private-key-file", "", "its key")
	flag.Parse()
	handler := &host{notes: json.NewEncoder(os.Stdout)}
	// HTTP/1.1 only: upgrades need it.
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	server := &http.Server{Addr: *address, Handler: handler, Protocols: protocols}
	log.Fatal(server.ListenAndServeTLS(*certificate, *key))
}
