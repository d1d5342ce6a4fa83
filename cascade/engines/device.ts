/**
 * What ONNX models run on: `cpu`; `webgpu`, a GPU by way of Vulkan, Metal or Direct3D; `cuda` and `tensorrt`, an NVIDIA GPU
 * with libraries that onnxruntime-node does not bring.
 */
export type Device = 'cpu' | 'webgpu' | 'cuda' | 'tensorrt';

/** All devices, the default first. */
export const devices: readonly Device[] = ['cpu', 'webgpu', 'cuda', 'tensorrt'];
