/**
 * The voice an emulated speech service speaks with: text in, mu-law (8,000 Hz) out, in pieces as they are made.
 * Given from outside, so that the offline voice can really say the words; `toneVoice` needs nothing.
 */
export type Voice = (text: string, options: { language?: string; signal: AbortSignal }) => AsyncIterable<Uint8Array>
