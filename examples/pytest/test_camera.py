import cv2


def test_sees_what_the_camera_shows(camera):
    video = cv2.VideoCapture(camera.node, cv2.CAP_V4L2)
    for channel, color in enumerate(("blue", "green", "red")):
        camera.show(f"pattern:{color}")
        assert any(video.read()[1].mean((0, 1)).argmax() == channel for _ in range(30))


def test_the_camera_is_unplugged(camera):
    video = cv2.VideoCapture(camera.node, cv2.CAP_V4L2)
    assert video.read()[0]
    camera.unplug()
    assert not all(video.read()[0] for _ in range(30))
    camera.plug()
    assert cv2.VideoCapture(camera.node, cv2.CAP_V4L2).read()[0]
