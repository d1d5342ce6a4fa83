"""Becomes a real Triton (the one in nvidia-pytriton) that serves model `bright` on loopback, over HTTP at the port given: the
mean of a picture divided by 255, by Triton's Python backend."""
import os
import pathlib
import shutil
import sys
import tempfile

import pytriton

CONFIG = '''
name: "bright"
backend: "python"
max_batch_size: 32
input [{ name: "image" data_type: TYPE_FP32 dims: [ 3, 6, 8 ] }]
output [{ name: "confidence" data_type: TYPE_FP32 dims: [ 1 ] }]
instance_group [{ kind: KIND_CPU }]
'''
MODEL = '''
import numpy as np
import triton_python_backend_utils as pb


class TritonPythonModel:
    def execute(self, requests):
        images = [pb.get_input_tensor_by_name(request, 'image').as_numpy() for request in requests]
        means = [(image.mean(axis=(1, 2, 3)) / 255).reshape(-1, 1).astype(np.float32) for image in images]
        return [pb.InferenceResponse([pb.Tensor('confidence', mean)]) for mean in means]
'''

port = sys.argv[1]
home = pathlib.Path(pytriton.__file__).parent / 'tritonserver'
root = pathlib.Path(tempfile.mkdtemp(prefix='triton-', dir=sys.argv[2]))
python = f'{sys.version_info.major}.{sys.version_info.minor}'
shutil.copytree(home / 'backends', root / 'backends')
shutil.copy(home / 'python_backend_stubs' / python / 'triton_python_backend_stub', root / 'backends' / 'python')
version = root / 'repository' / 'bright' / '1'
version.mkdir(parents=True)
(version / 'model.py').write_text(MODEL)
(version.parent / 'config.pbtxt').write_text(CONFIG)

# The stub looks for numpy and for its own libraries by these alone.
packages = str(pathlib.Path(pytriton.__file__).parent.parent)
libraries = os.path.join(packages, 'nvidia_pytriton.libs')
path = os.path.dirname(sys.executable) + os.pathsep + os.environ['PATH']
environment = os.environ | {'PYTHONPATH': packages, 'LD_LIBRARY_PATH': libraries, 'PATH': path}
program = str(home / 'bin' / 'tritonserver')
os.execve(program, [
    program, '--model-repository', str(root / 'repository'), '--backend-directory', str(root / 'backends'),
    '--http-address', '127.0.0.1', '--http-port', port, '--allow-grpc', 'false', '--allow-metrics', 'false',
], environment)
