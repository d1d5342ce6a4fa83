"""A client of TensorFlow Serving, ovmsclient, against a server of the models of protocol-server.ts.

tfs_check.py HTTP_HOST:PORT JPEG_OF_GRAY_130
Exits with 1 and a traceback at the first answer that is not as it must be.
"""
import base64
import sys

import numpy as np
import ovmsclient
import requests

address, path = sys.argv[1:]
client = ovmsclient.make_http_client(address)
rows = np.random.default_rng(5).normal(size=(3, 3, 50, 50)).astype(np.float32)
expected = 1 / (1 + np.exp(-rows.reshape(3, -1).mean(axis=1, dtype=np.float64)))[:, None]

assert client.get_model_status('small', 1)[1]['state'] == 'AVAILABLE'
# It would rather have the names of OpenVINO's server; what TensorFlow Serving says it hands on as it is.
signatures = client.get_model_metadata('small', 1)['metadata']['signature_def']['signature_def']
image = signatures['serving_default']['inputs']['image']
assert image['dtype'] == 'DT_FLOAT', image
assert [int(dimension['size']) for dimension in image['tensor_shape']['dim']] == [-1, 3, 50, 50], image
answer = np.array(client.predict({'image': rows}, 'small', 1))
assert answer.shape == (3, 1) and np.abs(answer - expected).max() < 1e-6, answer

picture = {'b64': base64.b64encode(open(path, 'rb').read()).decode()}


def ask(model, verb, body):
    return requests.post(f'http://{address}/v1/models/{model}:{verb}', json=body).json()


[confidence] = ask('one', 'predict', {'instances': [{'image': picture}]})['predictions']
assert abs(confidence - 130 / 255) < 0.01, confidence
[regression] = ask('one', 'regress', {'examples': [{'image': picture}]})['results']
assert regression == confidence
[[[label, score]]] = ask('one', 'classify', {'examples': [{'image': picture}]})['results']
assert (label, score) == ('bright', confidence)
[found] = ask('boxes', 'predict', {'instances': [picture]})['predictions']
assert found['labels'] == ['thing'] and len(found['boxes'][0]) == 4, found
[[[label, score]]] = ask('boxes', 'classify', {'examples': [{'image': picture}]})['results']
assert label == 'thing' and score == found['scores'][0]
print('ok')
