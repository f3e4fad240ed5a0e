/** What happened at a phone. */
export type PhoneEvent = { readonly atMs: number } & (
  | { readonly type: 'ringing' | 'answered' | 'first-audio' | 'clear' | 'beep' | 'spoke' }
  | { readonly type: 'mark'; readonly name: string }
  | { readonly type: 'said'; readonly text: string }
  /** Keys pressed at this phone. */
  | { readonly type: 'pressed'; readonly digits: string }
  /** Tones that the other end sent: `<Play digits>` or `SendDigits`. */
  | { readonly type: 'tones'; readonly digits: string }
  | { readonly type: 'hung-up'; readonly by: 'phone' | 'network' }
)

/** A list of functions to call. */
export interface Listeners<T> {
  add(listener: (value: T) => void): () => void
  tell(value: T): void
}

export function createListeners<T>(): Listeners<T> {
  const all = new Set<(value: T) => void>()
  return {
    add(listener) {
      all.add(listener)
      return () => void all.delete(listener)
    },
    tell(value) {
      for (const listener of all) listener(value)
    },
  }
}
