// A capture without libc: capture [device [frames]]
//
// Go makes its system calls itself and interrupts its own threads by signals. Prints one line of JSON;
// exits with 0 if all frames came without a gap.
package main

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
	"unsafe"
)

const (
	videoCapture = 1
	memoryMmap   = 1
	fourccYUYV   = 'Y' | 'U'<<8 | 'Y'<<16 | 'V'<<24
	buffers      = 4
)

// struct v4l2_capability
type capability struct {
	driver                    [16]byte
	card, busInfo             [32]byte
	version, caps, deviceCaps uint32
	_                         [3]uint32
}

// struct v4l2_format with a v4l2_pix_format in it. The union is aligned to 8 bytes.
type format struct {
	kind, _                                           uint32
	width, height, pixelformat, field, bytesperline   uint32
	sizeimage, colorspace, priv, flags, enc, quant, x uint32
	_                                                 [152]byte
}

// struct v4l2_requestbuffers
type requestbuffers struct {
	count, kind, memory, capabilities, flags uint32
}

// struct v4l2_buffer
type buffer struct {
	index, kind, bytesused, flags, field uint32
	seconds, microseconds                int64
	timecode                             [4]uint32
	sequence, memory                     uint32
	offset                               uint64
	length, _, _, _                      uint32
}

func request(direction, number, size uintptr) uintptr {
	return direction<<30 | size<<16 | 'V'<<8 | number
}

func ioctl(name string, fd int, number uintptr, argument unsafe.Pointer) {
	for {
		_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), number, uintptr(argument))
		if errno == 0 {
			return
		}
		if errno != syscall.EINTR {
			fail(name, errno)
		}
	}
}

func fail(name string, err error) {
	fmt.Fprintln(os.Stderr, name+":", err)
	os.Exit(1)
}

func argument(number int, otherwise string) string {
	if len(os.Args) > number {
		return os.Args[number]
	}
	return otherwise
}

func start(fd int) {
	wanted := requestbuffers{count: buffers, kind: videoCapture, memory: memoryMmap}
	ioctl("VIDIOC_REQBUFS", fd, request(3, 8, unsafe.Sizeof(wanted)), unsafe.Pointer(&wanted))
	for i := uint32(0); i < wanted.count; i++ {
		b := buffer{index: i, kind: videoCapture, memory: memoryMmap}
		ioctl("VIDIOC_QUERYBUF", fd, request(3, 9, unsafe.Sizeof(b)), unsafe.Pointer(&b))
		_, err := syscall.Mmap(fd, int64(uint32(b.offset)), int(b.length),
			syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
		if err != nil {
			fail("mmap", err)
		}
		ioctl("VIDIOC_QBUF", fd, request(3, 15, unsafe.Sizeof(b)), unsafe.Pointer(&b))
	}
	kind := int32(videoCapture)
	ioctl("VIDIOC_STREAMON", fd, request(1, 18, 4), unsafe.Pointer(&kind))
}

func main() {
	frames, err := strconv.Atoi(argument(2, "30"))
	if err != nil {
		fail("frames", err)
	}
	fd, err := syscall.Open(argument(1, "/dev/video0"), syscall.O_RDWR, 0)
	if err != nil {
		fail("open", err)
	}
	var who capability
	ioctl("VIDIOC_QUERYCAP", fd, request(2, 0, unsafe.Sizeof(who)), unsafe.Pointer(&who))
	pix := format{kind: videoCapture, width: 640, height: 480, pixelformat: fourccYUYV}
	ioctl("VIDIOC_S_FMT", fd, request(3, 5, unsafe.Sizeof(pix)), unsafe.Pointer(&pix))
	start(fd)
	gaps, last := 0, uint32(0)
	for i := 0; i < frames; i++ {
		b := buffer{kind: videoCapture, memory: memoryMmap}
		ioctl("VIDIOC_DQBUF", fd, request(3, 17, unsafe.Sizeof(b)), unsafe.Pointer(&b))
		if i > 0 {
			gaps += int(b.sequence - last - 1)
		}
		last = b.sequence
		ioctl("VIDIOC_QBUF", fd, request(3, 15, unsafe.Sizeof(b)), unsafe.Pointer(&b))
	}
	syscall.Close(fd)
	fmt.Printf("{\"driver\":\"%s\",\"frames\":%d,\"gaps\":%d,\"width\":%d,\"height\":%d}\n",
		string(who.driver[:4]), frames, gaps, pix.width, pix.height)
	if gaps != 0 {
		os.Exit(1)
	}
}
