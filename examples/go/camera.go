// Package camera asks a V4L2 device for its name: stands for the program that is tested.
package camera

import (
	"bytes"
	"syscall"
	"unsafe"
)

const querycap = 2<<30 | 104<<16 | 'V'<<8 // VIDIOC_QUERYCAP

// Card gives the name that the device shows to people.
func Card(path string) (string, error) {
	fd, err := syscall.Open(path, syscall.O_RDWR, 0)
	if err != nil {
		return "", err
	}
	defer syscall.Close(fd)
	var capability struct {
		driver       [16]byte
		card, bus    [32]byte
		version      uint32
		caps, device uint32
		reserved     [3]uint32
	}
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), querycap,
		uintptr(unsafe.Pointer(&capability))); errno != 0 {
		return "", errno
	}
	card, _, _ := bytes.Cut(capability.card[:], []byte{0})
	return string(card), nil
}
