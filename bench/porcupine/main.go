// The peer of bench/checkers.ts: the published Porcupine, timed from parsed events. Reads one JSON request a line, and
// answers each with one line.
//
//	{"load": "row", "model": "cas-register", "events": [[0, 7, "write", 3, 0], …]}
//	{"run": "row", "repeat": 10, "limitMs": 2000}
//
// An event is [kind, id, f, a, b, known]: kind 0 for a call and 1 for a return; of keyed models a is the key.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"os"
	"runtime"
	"time"

	"github.com/anishathalye/porcupine"
)

type request struct {
	Load    string            `json:"load"`
	Model   string            `json:"model"`
	Events  []json.RawMessage `json:"events"`
	Run     string            `json:"run"`
	Repeat  int               `json:"repeat"`
	LimitMs int               `json:"limitMs"`
}

type row struct {
	model  porcupine.Model
	events []porcupine.Event
}

const absent = -1000000

type registerInput struct {
	f    string
	a, b int
}

// unknown: it never completed, or completed without telling.
type registerOutput struct {
	value   int
	ok      bool
	unknown bool
}

var register = porcupine.Model{
	Init: func() interface{} { return absent },
	Step: func(state, input, output interface{}) (bool, interface{}) {
		in, out, st := input.(registerInput), output.(registerOutput), state.(int)
		switch in.f {
		case "read":
			return out.unknown || out.value == st, state
		case "write":
			return true, in.a
		}
		if in.a == st {
			return out.unknown || out.ok, in.b
		}
		return out.unknown || !out.ok, state
	},
	Hash: func(state interface{}) uint64 { return uint64(state.(int)) },
}

type mapInput struct{ f, key, value string }

type mapOutput struct {
	value   string
	unknown bool
}

var seed = maphash.MakeSeed()

func byKey(history []porcupine.Event) [][]porcupine.Event {
	parts := make(map[string][]porcupine.Event)
	keys := make(map[int]string)
	for _, event := range history {
		if event.Kind == porcupine.CallEvent {
			keys[event.Id] = event.Value.(mapInput).key
		}
		key := keys[event.Id]
		parts[key] = append(parts[key], event)
	}
	var result [][]porcupine.Event
	for _, part := range parts {
		result = append(result, part)
	}
	return result
}

var keyValue = porcupine.Model{
	PartitionEvent: byKey,
	Init:           func() interface{} { return "" },
	Step: func(state, input, output interface{}) (bool, interface{}) {
		in, out, st := input.(mapInput), output.(mapOutput), state.(string)
		switch in.f {
		case "get":
			return out.unknown || out.value == st, state
		case "put":
			return true, in.value
		}
		return true, st + in.value
	},
	Hash: func(state interface{}) uint64 { return maphash.String(seed, state.(string)) },
}

// The whole map as one object, as Porcupine's own tests judge it without partitions.
var wholeMap = porcupine.Model{
	Init: func() interface{} { return map[string]string{} },
	Step: func(state, input, output interface{}) (bool, interface{}) {
		in, out, st := input.(mapInput), output.(mapOutput), state.(map[string]string)
		if in.f == "get" {
			return out.unknown || out.value == st[in.key], state
		}
		next := make(map[string]string, len(st)+1)
		for key, value := range st {
			next[key] = value
		}
		if in.f == "put" {
			next[in.key] = in.value
		} else {
			next[in.key] += in.value
		}
		return true, next
	},
	Equal: func(a, b interface{}) bool {
		x, y := a.(map[string]string), b.(map[string]string)
		if len(x) != len(y) {
			return false
		}
		for key, value := range x {
			if other, ok := y[key]; !ok || other != value {
				return false
			}
		}
		return true
	},
	Hash: func(state interface{}) uint64 {
		var sum uint64
		for key, value := range state.(map[string]string) {
			sum += maphash.String(seed, key+"\x00"+value)
		}
		return sum
	},
}

func modelOf(name string) (porcupine.Model, bool) {
	switch name {
	case "cas-register":
		return register, false
	case "kv":
		return keyValue, true
	case "kv-whole":
		return wholeMap, true
	}
	panic("no such model: " + name)
}

func parse(raw json.RawMessage, keyed bool) porcupine.Event {
	var kind, id, known int
	var f string
	event := porcupine.Event{}
	if keyed {
		var key, value string
		must(json.Unmarshal(raw, &[]interface{}{&kind, &id, &f, &key, &value, &known}))
		if kind == 0 {
			event.Value = mapInput{f, key, value}
		} else {
			event.Value = mapOutput{value, known == 0}
		}
	} else {
		var a, b int
		must(json.Unmarshal(raw, &[]interface{}{&kind, &id, &f, &a, &b, &known}))
		if kind == 0 {
			event.Value = registerInput{f, a, b}
		} else {
			event.Value = registerOutput{a, b == 1, known == 0}
		}
	}
	event.Id = id
	event.Kind = porcupine.EventKind(kind == 1)
	return event
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	rows := make(map[string]row)
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	decoder := json.NewDecoder(lines)
	for {
		var asked request
		if decoder.Decode(&asked) != nil {
			return
		}
		if asked.Load != "" {
			model, keyed := modelOf(asked.Model)
			events := make([]porcupine.Event, len(asked.Events))
			for i, raw := range asked.Events {
				events[i] = parse(raw, keyed)
			}
			rows[asked.Load] = row{model, events}
			runtime.GC()
			fmt.Println(`{"loaded":true}`)
			continue
		}
		loaded := rows[asked.Run]
		result := porcupine.Unknown
		began := time.Now()
		for i := 0; i < asked.Repeat; i++ {
			result = porcupine.CheckEventsTimeout(loaded.model, loaded.events, time.Duration(asked.LimitMs)*time.Millisecond)
		}
		nanos := float64(time.Since(began).Nanoseconds()) / float64(asked.Repeat)
		fmt.Printf("{\"result\":%q,\"nanos\":%f}\n", result, nanos)
	}
}
