module example.org/camera

go 1.19
