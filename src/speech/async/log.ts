/** The part of a logger (pino's order of arguments) a speech session needs. Facts never hold keys, URLs or spoken text. */
export interface SpeechLog {
  warn(facts: Readonly<Record<string, string | number | boolean>>, message: string): void
  debug?(facts: Readonly<Record<string, string | number | boolean>>, message: string): void
}
