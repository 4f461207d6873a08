// Runs in a process of its own: recognises the text of an image with tesseract.
import eng from '@tesseract.js-data/eng'
import { createWorker, OEM, type Worker } from 'tesseract.js'
import { defineTask } from 'tsgun'

/** The engine, and where the progress of the present image goes. */
interface Model {
  readonly engine: Worker
  onProgress: (share: number) => void
}

export default defineTask<Uint8Array, string, number, Model>({
  // Once in each process, before it takes tasks.
  async load() {
    const { langPath, gzip } = eng
    const logger = ({ status, progress }: { status: string; progress: number }): void => {
      if (status === 'recognizing text') model.onProgress(progress)
    }
    const engine = await createWorker('eng', OEM.LSTM_ONLY, { langPath, gzip, cacheMethod: 'none', logger })
    const model: Model = { engine, onProgress: () => undefined }
    return model
  },

  async run(image, { model, progress }) {
    model.onProgress = (share) => void progress(share)
    const { data } = await model.engine.recognize(Buffer.from(image))
    return data.text
  },

  async unload({ engine }) {
    await engine.terminate()
  },
})
