package main

import (
	stdcontext "context"
	"embed"
	"fmt"
	"io"

	"github.com/bufbuild/protocompile"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

//go:embed protocol/*.proto
var protoFiles embed.FS

type context = stdcontext.Context

// A method of a service: it fills the response.
type handler func(request, response message) error

type protocol struct {
	services []protoreflect.ServiceDescriptor
}

func loadProtocol() (*protocol, error) {
	open := func(name string) (io.ReadCloser, error) { return protoFiles.Open("protocol/" + name) }
	compiler := protocompile.Compiler{
		Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{Accessor: open}),
	}
	names := []string{"lister.proto", "action_v1.proto", "action_v2.proto"}
	files, err := compiler.Compile(stdcontext.Background(), names...)
	if err != nil {
		return nil, err
	}
	loaded := &protocol{}
	for _, file := range files {
		for index := range file.Services().Len() {
			loaded.services = append(loaded.services, file.Services().Get(index))
		}
	}
	return loaded, nil
}

// register serves every method of every service that the actions have a handler for.
func (p *protocol) register(server *grpc.Server, actions *actions) {
	for _, service := range p.services {
		described := &grpc.ServiceDesc{ServiceName: string(service.FullName()), HandlerType: (*any)(nil)}
		for index := range service.Methods().Len() {
			method := service.Methods().Get(index)
			call := actions.handler(string(service.FullName()), string(method.Name()))
			described.Methods = append(described.Methods, grpc.MethodDesc{
				MethodName: string(method.Name()),
				Handler:    served(method, call),
			})
		}
		server.RegisterService(described, actions)
	}
}

func served(method protoreflect.MethodDescriptor, call handler) grpc.MethodHandler {
	return func(
		_ any, _ context, decode func(any) error, _ grpc.UnaryServerInterceptor,
	) (result any, err error) {
		request := dynamicpb.NewMessage(method.Input())
		response := dynamicpb.NewMessage(method.Output())
		if err := decode(request); err != nil {
			return nil, err
		}
		defer func() {
			if caught := recover(); caught != nil {
				text := fmt.Sprintf("plugin panicked: %v", caught)
				result, err = nil, status.Error(codes.Aborted, text)
			}
		}()
		if err := call(message{request}, message{response}); err != nil {
			return nil, status.Error(codes.Unknown, err.Error())
		}
		return response, nil
	}
}
