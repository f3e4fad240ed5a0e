export interface Cue {
  readonly startMs: number
  readonly endMs: number
  /** Without tags and references. */
  readonly text: string
  /** Times inside the cue. */
  readonly insideMs: readonly number[]
}

const time = String.raw`(\d{2,}):([0-5]\d):([0-5]\d)\.(\d{3})`

/** Reads WebVTT as strictly as the W3C's grammar asks of whoever writes it. Throws for anything else. */
export function parseWebVtt(file: string): Cue[] {
  const [header, ...blocks] = file.replace(/\n$/, '').split(/\n\n/)
  if (header?.trimEnd() !== 'WEBVTT') throw new Error('a file begins with WEBVTT and an empty line')
  let lastStartMs = 0
  return blocks.map((block) => {
    const [timing = '', ...lines] = block.split('\n')
    const match = new RegExp(`^${time} --> ${time}$`).exec(timing)
    if (!match) throw new Error(`no timing line: ${timing}`)
    const startMs = ms(match.slice(1, 5))
    const endMs = ms(match.slice(5, 9))
    if (endMs <= startMs) throw new Error('a cue ends after it starts')
    if (startMs < lastStartMs) throw new Error('cues stand in the order of their starts')
    lastStartMs = startMs
    if (lines.length === 0 || lines.some((line) => line === '' || line.includes('-->'))) throw new Error('no cue text')
    return { startMs, endMs, ...readText(lines.join('\n'), startMs, endMs) }
  })
}

function readText(text: string, startMs: number, endMs: number): Pick<Cue, 'text' | 'insideMs'> {
  const insideMs: number[] = []
  const words = text.replaceAll(new RegExp(`<${time}>`, 'g'), (_tag, ...parts: string[]) => {
    const at = ms(parts.slice(0, 4))
    if (at <= (insideMs.at(-1) ?? startMs) || at >= endMs) throw new Error('times inside a cue grow, between its ends')
    insideMs.push(at)
    return ''
  })
  if (/[<>]|&(?!amp;|lt;|gt;)/.test(words)) throw new Error(`not escaped: ${words}`)
  return { text: words.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'), insideMs }
}

function ms([hours, minutes, seconds, rest]: readonly string[]): number {
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(rest)
}
