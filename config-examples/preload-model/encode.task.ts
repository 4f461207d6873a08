// Runs in processes of its own: turns a text into a vector. The weights are not read into each process:
// onnxruntime maps the file that preload() has put into memory.
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { defineTask, shared } from 'tsgun'
import { featuresOf, width } from './features.ts'

export default defineTask<string, Float32Array, never, InferenceSession>({
  async load({ cpus }) {
    const { encoder } = shared<typeof import('./model.ts').preload>()
    const session = await InferenceSession.create(encoder.path, {
      intraOpNumThreads: cpus,
      graphOptimizationLevel: 'disabled', // it was optimised when it was written
      extra: {
        session: {
          load_model_format: 'ORT',
          use_memory_mapped_ort_model: '1',
          use_ort_model_bytes_for_initializers: '1',
          disable_prepacking: '1', // which would copy the weights
        },
      },
    })
    await vectorOf('warm up', session) // so that the first request is not the slow one
    return session
  },

  run: (text, { model }) => vectorOf(text, model),
  unload: (session) => session.release(),
})

async function vectorOf(text: string, session: InferenceSession): Promise<Float32Array> {
  const features = new Tensor('float32', featuresOf(text), [1, width])
  const { vector } = await session.run({ features })
  return Float32Array.from(vector?.data as Float32Array) // a float tensor
}
