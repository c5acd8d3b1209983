package camera

import (
	"errors"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

const node = "/dev/video0"

// usercam steers the camera of the session in which the test runs.
func usercam(t *testing.T, words ...string) {
	t.Helper()
	if out, err := exec.Command("usercam", words...).CombinedOutput(); err != nil {
		t.Fatalf("usercam %v: %v: %s", words, err, out)
	}
}

func TestCard(t *testing.T) {
	card, err := Card(node)
	if err != nil || !strings.HasPrefix(card, "Integrated Camera") {
		t.Fatal(card, err)
	}
}

func TestUnplugged(t *testing.T) {
	usercam(t, "unplug", node)
	if _, err := Card(node); !errors.Is(err, syscall.ENOENT) {
		t.Fatal(err)
	}
	usercam(t, "plug", node)
	TestCard(t)
}
