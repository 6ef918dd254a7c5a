"""One thread, here and in the commands that tests run: the models are tiny, and threads that wait
for each other cost more than they bring, above all on a machine that has other work."""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # read by the commands, and by torch when it is imported

import torch
from hypothesis import settings

torch.set_num_threads(1)
# A timing is no assertion: the machine may be busy.
settings.register_profile("calm", deadline=None)
settings.load_profile("calm")
