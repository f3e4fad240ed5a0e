declare module 'sentencex' {
  /** Sentences of a text, their white space kept at their ends. Unknown languages are treated as English. */
  export function segment(language: string, text: string): string[]
}
