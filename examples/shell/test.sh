#!/bin/sh
# A test in shell: a program records from a camera, the camera is unplugged under it and plugged in again.
set -eu
camera=$(usercam up --until $$ --camera webcam,source=pattern:red)

# Stands for the program that is tested.
record() { usercam run --session -- ffmpeg -v error -f v4l2 -i "$camera" "$@"; }

test "$(record -frames:v 3 -f framecrc - | grep -vc '^#')" = 3
echo "it records"

record -f null - 2> /dev/null & program=$!
usercam wait "$camera" frames=5
usercam unplug "$camera"
wait $program || true
usercam plug "$camera"
record -frames:v 1 -f null -
echo "it ends when the camera is unplugged, and starts again"
usercam down
