// A plugin for tests: it speaks the protocol of Velero's plugins and does what items ask it for.
//
// Every action is for ConfigMaps that carry the label of its name. The messages are made when the
// program starts, from the files in protocol/, so that no generated code is kept.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	plugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
)

// The real library of plugins ignores flags it does not know; here a wrong one is a wrong test.
var (
	only = flag.String("only", "", "register these actions only (comma list of kind:name)")
	also = flag.String("also", "", "register the labels action under these too (kind:name)")
)

type services struct {
	plugin.NetRPCUnsupportedPlugin
	protocol *protocol
	actions  *actions
}

func (s *services) GRPCServer(broker *plugin.GRPCBroker, server *grpc.Server) error {
	s.protocol.register(server, s.actions)
	return nil
}

func (s *services) GRPCClient(
	ctx context, broker *plugin.GRPCBroker, connection *grpc.ClientConn,
) (any, error) {
	return nil, fmt.Errorf("this is a plugin and no client")
}

func main() {
	flag.Parse()
	protocol, err := loadProtocol()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	chosen := newActions(split(*only), split(*also))
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion:  2,
			MagicCookieKey:   "VELERO_PLUGIN",
			MagicCookieValue: "hello",
		},
		Plugins:    plugin.PluginSet{"actions": &services{protocol: protocol, actions: chosen}},
		GRPCServer: plugin.DefaultGRPCServer,
	})
}

func split(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}
