// openfile asks for the buffers of a camera that the standard library has opened and thereby registered with its
// poller. It prints the errno.
package main

import (
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

const vidiocReqbufs = 0xc0145608

func main() {
	file, err := os.OpenFile("/dev/video0", os.O_RDWR, 0)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	request := [5]uint32{4, 1, 1} // count, V4L2_BUF_TYPE_VIDEO_CAPTURE, V4L2_MEMORY_MMAP
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, file.Fd(), vidiocReqbufs, uintptr(unsafe.Pointer(&request[0])))
	if errno == syscall.EBUSY {
		fmt.Println("EBUSY")
	} else {
		fmt.Println(int(errno))
	}
}
