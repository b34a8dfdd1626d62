from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from conftest_vision import COLOURS, encoded, picture, write_set
from PIL import Image

from vision.data import DataError, Sample, load_pixels, read_folder, squash
