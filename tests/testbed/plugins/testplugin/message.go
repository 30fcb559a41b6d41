package main

import (
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// message reads and sets fields of a message by their names in the files of protocol/.
type message struct {
	protoreflect.Message
}

func (m message) field(name string) protoreflect.FieldDescriptor {
	found := m.Descriptor().Fields().ByName(protoreflect.Name(name))
	if found == nil {
		panic("no field " + name + " in " + string(m.Descriptor().FullName()))
	}
	return found
}

func (m message) text(name string) string {
	return m.Get(m.field(name)).String()
}

func (m message) bytes(name string) []byte {
	return m.Get(m.field(name)).Bytes()
}

func (m message) list(name string) []message {
	values := m.Get(m.field(name)).List()
	found := make([]message, 0, values.Len())
	for index := range values.Len() {
		found = append(found, message{values.Get(index).Message()})
	}
	return found
}

// set takes what protoreflect takes: string, []byte, bool, int64.
func (m message) set(name string, value any) {
	m.Set(m.field(name), protoreflect.ValueOf(value))
}

func (m message) part(name string) message {
	return message{m.Mutable(m.field(name)).Message()}
}

func (m message) texts(name string, values ...string) {
	list := m.Mutable(m.field(name)).List()
	for _, value := range values {
		list.Append(protoreflect.ValueOfString(value))
	}
}

func (m message) add(name string) message {
	return message{m.Mutable(m.field(name)).List().AppendMutable().Message()}
}

func (m message) duration(name string, value time.Duration) {
	part := m.part(name)
	part.set("seconds", int64(value/time.Second))
	part.set("nanos", int32(value%time.Second))
}

func (m message) moment(name string, value time.Time) {
	part := m.part(name)
	part.set("seconds", value.Unix())
	part.set("nanos", int32(value.Nanosecond()))
}
