"""A real Triton that serves model `bright`: the mean of a picture divided by 255. HTTP on loopback at the port given; the
two ports after it are taken too. Ends with its standard input."""
import sys
import threading

import numpy as np
from pytriton.decorators import batch
from pytriton.model_config import ModelConfig, Tensor
from pytriton.triton import Triton, TritonConfig

port = int(sys.argv[1])


@batch
def bright(image):
    return {'confidence': (image.mean(axis=(1, 2, 3)) / 255).reshape(-1, 1).astype(np.float32)}


config = TritonConfig(http_address='127.0.0.1', http_port=port, grpc_port=port + 1, metrics_port=port + 2)
with Triton(config=config) as triton:
    triton.bind(
        model_name='bright',
        infer_func=bright,
        inputs=[Tensor(name='image', dtype=np.float32, shape=(3, 6, 8))],
        outputs=[Tensor(name='confidence', dtype=np.float32, shape=(1,))],
        config=ModelConfig(max_batch_size=32),
    )
    threading.Thread(target=lambda: (sys.stdin.read(), triton.stop()), daemon=True).start()
    triton.serve()
