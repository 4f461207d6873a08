// Makes a model for the example: 8 layers of 32 MB, with weights that mean nothing. It is written as ONNX, and
// by onnxruntime in its own format (.ort), in which the weights can be mapped.
import { mkdirSync, openSync, closeSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { InferenceSession } from 'onnxruntime-node'
import { width } from './features.ts'

export const layers = 8
const inner = 4 * width

/** Of both matrices of a layer: `width` rows of `inner` numbers, and the other way round. */
export function weightsOf(layer: number): readonly [Float32Array, Float32Array] {
  return [numbers(2 * layer + 1), numbers(2 * layer + 2)]
}

/** The same for each seed, around 0. */
function numbers(seed: number): Float32Array {
  let state = seed
  return new Float32Array(width * inner).map(() => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return state / 2 ** 36
  })
}

export async function makeModel(file: string): Promise<void> {
  mkdirSync(dirname(file), { recursive: true })
  const [onnx, made] = [`${file}.${process.pid}.onnx`, `${file}.${process.pid}`]
  try {
    write(onnx, model())
    const session = await InferenceSession.create(onnx, {
      optimizedModelFilePath: made,
      graphOptimizationLevel: 'extended',
      extra: { session: { save_model_format: 'ORT' } },
    })
    await session.release()
    renameSync(made, file)
  } finally {
    rmSync(onnx, { force: true })
  }
}

function write(file: string, { bytes }: Message): void {
  const fd = openSync(file, 'w')
  for (const piece of bytes) writeSync(fd, piece)
  closeSync(fd)
}

/** A message of protobuf, in pieces. */
interface Message {
  readonly bytes: readonly Uint8Array[]
}

/** ModelProto of onnx.proto, opset 13: each layer adds `relu(x * first) * second` to `x`. */
function model(): Message {
  const graph: Message[] = [
    string(2, 'encoder'),
    message(11, value('features')),
    message(12, value('vector')),
  ]
  let input = 'features'
  for (let layer = 0; layer < layers; layer += 1) {
    const [first, second] = weightsOf(layer)
    const output = layer === layers - 1 ? 'vector' : `x${layer}`
    graph.push(
      message(5, tensor(`first${layer}`, [width, inner], first)),
      message(5, tensor(`second${layer}`, [inner, width], second)),
      message(1, node('MatMul', [input, `first${layer}`], `a${layer}`)),
      message(1, node('Relu', [`a${layer}`], `b${layer}`)),
      message(1, node('MatMul', [`b${layer}`, `second${layer}`], `c${layer}`)),
      message(1, node('Add', [input, `c${layer}`], output)),
    )
    input = output
  }
  return joined([
    integer(1, 8),
    message(8, joined([string(1, ''), integer(2, 13)])),
    message(7, joined(graph)),
  ])
}

const float = 1

function tensor(name: string, dims: readonly number[], { buffer }: Float32Array): Message {
  const sizes = dims.map((size) => integer(1, size))
  return joined([...sizes, integer(2, float), string(8, name), bytes(9, new Uint8Array(buffer))])
}

function node(type: string, inputs: readonly string[], output: string): Message {
  return joined([
    ...inputs.map((name) => string(1, name)),
    string(2, output),
    string(3, output),
    string(4, type),
  ])
}

/** A vector, in a batch of any size. */
function value(name: string): Message {
  const shape = joined([message(1, string(2, 'batch')), message(1, integer(1, width))])
  return joined([string(1, name), message(2, message(1, joined([integer(1, float), message(2, shape)])))])
}

const joined = (parts: readonly Message[]): Message => ({ bytes: parts.flatMap(({ bytes }) => bytes) })
const integer = (field: number, value: number): Message => ({ bytes: [varint(field * 8), varint(value)] })
const string = (field: number, text: string): Message => bytes(field, Buffer.from(text))
const message = (field: number, { bytes }: Message): Message => {
  const length = bytes.reduce((sum, each) => sum + each.length, 0)
  return { bytes: [varint(field * 8 + 2), varint(length), ...bytes] }
}
const bytes = (field: number, content: Uint8Array): Message => message(field, { bytes: [content] })

function varint(value: number): Uint8Array {
  const groups: number[] = []
  for (; value > 127; value = Math.floor(value / 128)) groups.push((value % 128) + 128)
  return Uint8Array.of(...groups, value)
}
