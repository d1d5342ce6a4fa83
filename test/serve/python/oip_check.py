"""Triton's own client against a server of the models of protocol-server.ts: what its numpy arrays become and come back as.

oip_check.py HTTP_HOST:PORT GRPC_HOST:PORT TOKEN JPEG_OF_GRAY_130 PNG_OF_GRAY_30
Exits with 1 and a traceback at the first answer that is not as it must be.
"""
import json
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import tritonclient.grpc as over_grpc
import tritonclient.http as over_http
from tritonclient.utils import InferenceServerException

http_address, grpc_address, token, *pictures = sys.argv[1:]
headers = {'authorization': f'Bearer {token}'}
http = over_http.InferenceServerClient(http_address, concurrency=4)
grpc = over_grpc.InferenceServerClient(grpc_address)
jpeg, png = (open(path, 'rb').read() for path in pictures)
rows = np.random.default_rng(5).normal(size=(3, 3, 50, 50)).astype(np.float32)
expected = 1 / (1 + np.exp(-rows.reshape(3, -1).mean(axis=1, dtype=np.float64)))[:, None]


def refused(call, *statuses):
    try:
        call()
    except InferenceServerException as error:
        assert error.status() in statuses and error.message(), f'{error.status()}: {error.message()}'
        return error.message()
    raise AssertionError('was accepted')


def infer(module, client, arrays, model='small', **more):
    binary = more.pop('binary', True)
    inputs = []
    for name, array in arrays.items():
        kind = 'BYTES' if array.dtype == object else {'f': 'FP32', 'i': 'INT32'}[array.dtype.kind]
        tensor = module.InferInput(name, list(array.shape), kind)
        tensor.set_data_from_numpy(array, **({'binary_data': binary} if module is over_http else {}))
        inputs.append(tensor)
    # A copy: the client writes headers of its own into it.
    return client.infer(model, inputs, headers=dict(headers), **more)


def http_infer(arrays, **more):
    return infer(over_http, http, arrays, **more)


def grpc_infer(arrays, **more):
    return infer(over_grpc, grpc, arrays, **more)


# Probes need no token, all else does.
assert http.is_server_live() and http.is_server_ready()
refused(lambda: http.get_model_metadata('small'), '401')
refused(lambda: grpc.get_model_metadata('small'), 'StatusCode.UNAUTHENTICATED')
refused(lambda: grpc.get_model_metadata('small', headers={'authorization': 'Bearer wrong'}), 'StatusCode.UNAUTHENTICATED')

for metadata in (
    http.get_model_metadata('small', headers=headers),
    grpc.get_model_metadata('small', headers=headers, as_json=True),
):
    assert metadata['versions'] == ['1'] and metadata['platform'] == 'onnx_onnxv1', metadata
    [image], [score] = metadata['inputs'], metadata['outputs']
    assert image['name'] == 'image' and [int(size) for size in image['shape']] == [-1, 3, 50, 50], image
    assert score['name'] == 'score' and score['datatype'] == 'FP32', score

# The same numbers on every way in and out, and as numpy has them.
ways = [dict(binary=True), dict(binary=False), dict(request_compression_algorithm='deflate', response_compression_algorithm='deflate')]
answers = [http_infer({'image': rows}, **way) for way in ways]
answers += [grpc_infer({'image': rows}), grpc_infer({'image': rows}, compression_algorithm='gzip')]
answers += [call({'image': rows}, model_version=version) for call in (http_infer, grpc_infer) for version in ('1', 'stable')]
for answer in answers:
    score = answer.as_numpy('score')
    assert score.dtype == np.float32 and score.shape == (3, 1), (score.dtype, score.shape)
    assert np.abs(score - expected).max() < 1e-6, score
with ThreadPoolExecutor(8) as pool:
    singles = list(pool.map(lambda i: grpc_infer({'image': rows[i % 3 : i % 3 + 1]}).as_numpy('score')[0, 0], range(24)))
assert np.abs(np.array(singles) - np.tile(expected[:, 0], 8)).max() < 1e-6

# Pictures: two of one gray have one answer, whatever their format; the detector's outputs belong together.
both = np.array([jpeg, png], dtype=object)
for call in (http_infer, grpc_infer):
    answer = call({'image': both}, model='one')
    assert np.abs(answer.as_numpy('confidence') - np.array([130, 30]) / 255).max() < 0.01, answer.as_numpy('confidence')
    answer = call({'image': both[:, None]}, model='boxes')
    found = [json.loads(text) for text in answer.as_numpy('detections')]
    assert [len(one) for one in found] == [1, 1], found
    assert answer.as_numpy('boxes').shape == (2, 4) and list(answer.as_numpy('image_index')) == [0, 1]
    for i, [detection] in enumerate(found):
        assert answer.as_numpy('labels')[i].decode() == detection['label'] == 'thing'
        assert abs(answer.as_numpy('scores')[i] - detection['score']) < 1e-6
        assert np.allclose(answer.as_numpy('boxes')[i], [detection['box'][side] for side in ('x', 'y', 'width', 'height')])
http_infer_json = http_infer({'image': rows}, outputs=[over_http.InferRequestedOutput('score', binary_data=False)])
assert np.allclose(http_infer_json.as_numpy('score'), expected)

# What is wrong is the client's fault, and said so.
message = refused(lambda: http_infer({'image': rows[:, :2]}), '400')
assert '[-1, 3, 50, 50]' in message and '[3, 2, 50, 50]' in message, message
refused(lambda: grpc_infer({'image': rows[:, :2]}), 'StatusCode.INVALID_ARGUMENT')
refused(lambda: grpc_infer({'picture': rows}), 'StatusCode.INVALID_ARGUMENT')
refused(lambda: grpc_infer({'image': rows.astype(np.int32)}), 'StatusCode.INVALID_ARGUMENT')
refused(lambda: grpc_infer({'image': np.array([jpeg[:-20]], dtype=object)}), 'StatusCode.INVALID_ARGUMENT')
refused(lambda: http_infer({'image': np.array([b'GIF89a'], dtype=object)}), '400')
refused(lambda: grpc_infer({'image': rows}, model='nobody'), 'StatusCode.NOT_FOUND')
refused(lambda: grpc_infer({'image': rows}, model_version='7'), 'StatusCode.NOT_FOUND')
refused(lambda: grpc_infer({'image': rows}, outputs=[over_grpc.InferRequestedOutput('sum')]), 'StatusCode.INVALID_ARGUMENT')
refused(lambda: grpc_infer({'image': rows}, outputs=[over_grpc.InferRequestedOutput('score', class_count=1)]), 'StatusCode.INVALID_ARGUMENT')
refused(lambda: grpc_infer({'image': np.zeros((400, 3, 50, 50), np.float32)}), 'StatusCode.RESOURCE_EXHAUSTED')
refused(lambda: http_infer({'image': np.zeros((400, 3, 50, 50), np.float32)}), '413')
refused(lambda: http.load_model('small', headers=headers, config='{}'), '400')
refused(lambda: http.load_model('%2Ftmp', headers=headers), '404')
refused(lambda: grpc.load_model('/tmp', headers=headers), 'StatusCode.NOT_FOUND')
refused(lambda: grpc.get_model_config('small', headers=headers), 'StatusCode.UNIMPLEMENTED')

for statistics in (
    http.get_inference_statistics('small', headers=headers),
    grpc.get_inference_statistics('small', headers=headers, as_json=True),
):
    [entry] = statistics['model_stats']
    # Equal questions are answered once: at least those that differ have been asked.
    assert int(entry['inference_count']) >= 4 and int(entry['execution_count']) >= 1, entry
    assert int(entry['inference_stats']['success']['ns']) > 0, entry

for client in (http, grpc):
    client.unload_model('small', headers=headers)
    assert not client.is_model_ready('small', headers=headers)
    refused(lambda: http_infer({'image': rows}), '404')
    client.load_model('small', headers=headers)
    assert client.is_model_ready('small', headers=headers)
assert np.allclose(grpc_infer({'image': rows}).as_numpy('score'), expected)
print('ok')
