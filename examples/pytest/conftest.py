"""The camera of the session in which pytest runs: `usercam up`, then `usercam run --session -- pytest`."""
import subprocess

import pytest


class Camera:
    node = "/dev/video0"

    def __getattr__(self, word):
        """camera.show("pattern:red") is `usercam show /dev/video0 pattern:red`."""
        return lambda *more: subprocess.run(["usercam", word, self.node, *more], check=True)


@pytest.fixture
def camera():
    return Camera()
