import type { ServedModel, ServedVersion, TensorDatatype, TensorInfo } from '../../cascade/index.ts';

const typeNames: Readonly<Record<TensorDatatype | 'BYTES', string>> = {
  BOOL: 'DT_BOOL',
  UINT8: 'DT_UINT8',
  UINT16: 'DT_UINT16',
  UINT32: 'DT_UINT32',
  UINT64: 'DT_UINT64',
  INT8: 'DT_INT8',
  INT16: 'DT_INT16',
  INT32: 'DT_INT32',
  INT64: 'DT_INT64',
  FP16: 'DT_HALF',
  FP32: 'DT_FLOAT',
  FP64: 'DT_DOUBLE',
  BYTES: 'DT_STRING',
};

/** Status of the versions of a model. */
export function versionStatus(versions: readonly ServedVersion[]): unknown {
  return {
    model_version_status: versions.map(({ version, state }) => ({
      version: String(version),
      state,
      status: { error_code: 'OK', error_message: '' },
    })),
  };
}

/** Metadata of a model: the signature of its tensors, and that for encoded pictures in place of its input. */
export function modelSignatures({ name, version, inputs, outputs }: ServedModel): unknown {
  const pictures = inputs.map(input => ({ name: input.name, datatype: 'BYTES' as const, shape: [-1] }));
  return {
    model_spec: { name, signature_name: '', version: String(version) },
    metadata: {
      signature_def: {
        signature_def: {
          serving_default: signature(inputs, outputs),
          ...(inputs.length === 1 && { images: signature(pictures, outputs) }),
        },
      },
    },
  };
}

type Described = Omit<TensorInfo, 'datatype'> & { readonly datatype: TensorDatatype | 'BYTES' };

function signature(inputs: readonly Described[], outputs: readonly Described[]): unknown {
  return { inputs: tensors(inputs), outputs: tensors(outputs), method_name: 'tensorflow/serving/predict' };
}

function tensors(infos: readonly Described[]): unknown {
  return Object.fromEntries(
    infos.map(({ name, datatype, shape }) => [
      name,
      {
        dtype: typeNames[datatype],
        // 64-bit integers are texts in the JSON form of protocol buffers.
        tensor_shape: { dim: shape.map(size => ({ size: String(size), name: '' })), unknown_rank: false },
        name: `${name}:0`,
      },
    ]),
  );
}
