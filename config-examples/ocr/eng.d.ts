// The package has no types of its own.
declare module '@tesseract.js-data/eng' {
  /** Where the trained data lies, and whether it is compressed. */
  const data: { readonly langPath: string; readonly gzip: boolean }
  export default data
}
