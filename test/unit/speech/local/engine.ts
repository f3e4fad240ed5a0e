/**
 * A stand-in for eSpeak NG, of the same shape, to be loaded by the worker thread: 100 ms pieces of a constant level,
 * chosen by the text. `level 40 pieces 3` says three pieces of level 40 * 256; `crash` and `hang` do so; `texts` says as
 * many pieces as texts were begun before it, `thousands` as many as thousands of pieces were made.
 */
let texts = 0
let made = 0

export default function load(): Promise<unknown> {
  return Promise.resolve({ eSpeakNGWorker: createSpeaker })
}

function createSpeaker() {
  return {
    list_voices: () => [
      { identifier: 'x/en-US', languages: [{ name: 'en-us', priority: 2 }] },
      { identifier: 'x/de-weak', languages: [{ name: 'de', priority: 9 }] },
      { identifier: 'x/de', languages: [{ name: 'de', priority: 5 }] },
      { identifier: 'x/refused', languages: [{ name: 'nl', priority: 5 }] },
    ],
    get_samplerate: () => 22_050,
    set_voice: (identifier: string) => (identifier === 'x/en-US' || identifier === 'x/de' ? 0 : 2),
    synthesize(text: string, take: (samples: Int16Array) => boolean) {
      if (text.includes('crash')) throw new Error('the engine broke')
      while (text.includes('hang'));
      const level = Number(/level (\d+)/.exec(text)?.[1] ?? 20) * 256
      let pieces = Number(/pieces (\d+)/.exec(text)?.[1] ?? 1)
      if (text === 'environment') pieces = Object.keys(process.env).length
      if (text === 'texts') pieces = texts
      if (text === 'thousands') pieces = Math.floor(made / 1000)
      texts++
      for (; pieces > 0; pieces--, made++) if (take(new Int16Array(2205).fill(level))) return
    },
  }
}
