/**
 * A stand-in for eSpeak NG in the worker thread: 30 ms of sound a character, at a level that follows the text. The
 * real engine says the same text a few samples otherwise each time, and the contract compares bytes.
 */
export default function load(): Promise<unknown> {
  return Promise.resolve({ eSpeakNGWorker: createSpeaker })
}

function createSpeaker() {
  return {
    list_voices: () => [{ identifier: 'x/en', languages: [{ name: 'en-us', priority: 2 }] }],
    get_samplerate: () => 22_050,
    set_voice: () => 0,
    synthesize(text: string, take: (samples: Int16Array) => boolean) {
      for (const character of text) {
        const level = ((character.codePointAt(0) ?? 1) % 100) * 256 + text.length
        if (take(new Int16Array(660).fill(level))) return
      }
    },
  }
}
