import Table from 'cli-table3'
import type { Voice } from '../src/speech/async/voice.ts'

/** One line a voice. */
export function voicesTable(voices: readonly Voice[]): string {
  const table = new Table({ head: ['id', 'name', 'whose', 'languages', 'gender', 'accent', 'style'], style: plain })
  for (const { voiceId, name, type, languages, gender, accent, styles } of voices) {
    const whose = type === 'custom' ? 'own' : 'Async'
    table.push([voiceId, name, whose, languages.join(' '), gender, accent, styles.join(', ')].map(printable))
  }
  return `${table.toString()}\n`
}

/** One line a fact. */
export function voiceTable(voice: Voice): string {
  const table = new Table({ style: plain })
  const facts: Readonly<Record<string, string | readonly string[]>> = { ...voice }
  for (const [name, value] of Object.entries(facts))
    table.push([name, printable(typeof value === 'string' ? value : value.join(', '))])
  return `${table.toString()}\n`
}

const plain = { head: [], border: [] }

/** What others wrote must not move the cursor or change colours of a terminal. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
}
