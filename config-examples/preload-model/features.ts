// What the model takes: a text as a vector that counts its words, each at a place that its letters give.

/** Numbers of the vector. */
export const width = 1024

export function featuresOf(text: string): Float32Array {
  const features = new Float32Array(width)
  for (const word of text.toLowerCase().match(/\p{L}+/gu) ?? []) {
    let place = 0
    for (const letter of word) place = (place * 31 + (letter.codePointAt(0) ?? 0)) % width
    features[place] = (features[place] ?? 0) + 1
  }
  return features
}
