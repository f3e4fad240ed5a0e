import { readFile, stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { BridgeError } from '../src/errors.ts'
import type { Voice } from '../src/speech/async/voice.ts'
import { audioKind, checkCloneSize } from '../src/speech/async/voice-file.ts'
import type { AsyncVoices } from '../src/speech/async/voices.ts'
import { fileError, writeOutput } from './output-file.ts'
import type { VoicesCommand } from './voices-arguments.ts'
import { printable, voicesTable, voiceTable } from './voices-table.ts'

export interface VoicesTerminal {
  readonly json: boolean
  /** The result, on standard output. */
  print(text: string): void
  /** All else, on standard error. */
  tell(text: string): void
  /** Asks a person; undefined where there is none to ask. */
  readonly ask: ((question: string) => Promise<string>) | undefined
  progress(sentBytes: number, totalBytes: number): void
  /** The upload is over, well or not. */
  progressOver(): void
}

type Command<K extends VoicesCommand['kind']> = Extract<VoicesCommand, { kind: K }>

/** Does what was asked for. Returns the exit code. @throws BridgeError */
export async function runVoices(
  command: Exclude<VoicesCommand, { kind: 'help' }>,
  voices: AsyncVoices,
  terminal: VoicesTerminal,
): Promise<number> {
  switch (command.kind) {
    case 'list':
      return list(command, voices, terminal)
    case 'show':
      return show(command, voices, terminal)
    case 'preview':
      return preview(command, voices, terminal)
    case 'clone':
      return clone(command, voices, terminal)
    case 'update':
      await voices.update(command.voiceId, command.changes)
      return printVoice(await voices.get(command.voiceId), terminal)
    case 'delete':
    default:
      return remove(command, voices, terminal)
  }
}

async function list(
  { filter, limit, after }: Command<'list'>,
  voices: AsyncVoices,
  terminal: VoicesTerminal,
): Promise<number> {
  const found: Voice[] = []
  let more = false
  for await (const page of voices.pages(filter, { after, pageSize: Math.min(limit, 100) })) {
    found.push(...page.voices)
    more = found.length > limit || page.next !== undefined
    if (found.length >= limit) break
  }
  const shown = found.slice(0, limit === Number.POSITIVE_INFINITY ? undefined : limit)
  if (terminal.json) terminal.print(`${JSON.stringify(shown)}\n`)
  else terminal.print(shown.length === 0 ? 'No voices.\n' : voicesTable(shown))
  const last = shown.at(-1)
  if (more && last) terminal.tell(`There are more: add --all, or --after ${last.voiceId}.\n`)
  return 0
}

async function show({ voiceIds }: Command<'show'>, voices: AsyncVoices, terminal: VoicesTerminal): Promise<number> {
  const [only] = voiceIds
  if (voiceIds.length === 1 && only !== undefined) return printVoice(await voices.get(only), terminal)
  const found = await voices.batch(voiceIds)
  terminal.print(terminal.json ? `${JSON.stringify(found)}\n` : found.map(voiceTable).join(''))
  const missing = voiceIds.filter((id) => !found.some((voice) => voice.voiceId === id))
  for (const id of missing) terminal.tell(`Async does not know the voice ${printable(id)}.\n`)
  return missing.length === 0 ? 0 : 1
}

function printVoice(voice: Voice, terminal: VoicesTerminal): number {
  terminal.print(terminal.json ? `${JSON.stringify(voice)}\n` : voiceTable(voice))
  return 0
}

async function preview(
  { voiceId, file }: Command<'preview'>,
  voices: AsyncVoices,
  terminal: VoicesTerminal,
): Promise<number> {
  const bytes = await voices.preview(voiceId)
  const name = fileNameFor(file ?? `preview-${voiceId}`, bytes)
  await writeOutput(name, bytes, name !== file)
  if (terminal.json) terminal.print(`${JSON.stringify({ voiceId, file: name, bytes: bytes.length })}\n`)
  else terminal.print(`Wrote ${name} (${Math.ceil(bytes.length / 1024)} kB).\n`)
  return 0
}

/** The name with the ending that goes with the content; content of an unknown kind leaves it as it is. */
export function fileNameFor(name: string, bytes: Uint8Array): string {
  const kind = audioKind(bytes)
  const ending = extname(name)
  if (kind === undefined || ending.toLowerCase() === `.${kind}`) return name
  // What is longer than an ending is part of the name.
  return `${/^\.[a-z0-9]{2,4}$/i.test(ending) ? name.slice(0, -ending.length) : name}.${kind}`
}

async function clone(
  { file, described }: Command<'clone'>,
  voices: AsyncVoices,
  terminal: VoicesTerminal,
): Promise<number> {
  const bytes = await readRecording(file)
  const recording = { bytes, name: `recording.${audioKind(bytes) ?? 'bin'}` }
  const made = await voices
    .clone(recording, described, (sent, total) => terminal.progress(sent, total))
    .finally(() => terminal.progressOver())
  if (terminal.json) return printVoice(made, terminal)
  terminal.print(`The new voice is ${made.voiceId}.\n`)
  terminal.tell(`To speak with it: ASYNC_VOICE_ID=${made.voiceId}\n`)
  return 0
}

async function readRecording(file: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(file)
    checkCloneSize(size)
    return await readFile(file)
  } catch (thrown) {
    throw thrown instanceof BridgeError ? thrown : fileError(file, 'read', thrown)
  }
}

async function remove(
  { voiceId, yes }: Command<'delete'>,
  voices: AsyncVoices,
  terminal: VoicesTerminal,
): Promise<number> {
  if (!yes) {
    if (!terminal.ask)
      throw new BridgeError('usage.invalid', 'Deleting asks first, and there is no terminal to ask on. Add --yes.')
    const { name } = await voices.get(voiceId)
    const answer = await terminal.ask(`Delete the voice "${printable(name)}" (${voiceId}) for good? [y/N] `)
    if (!/^y(es)?$/i.test(answer.trim())) {
      terminal.tell('Nothing was deleted.\n')
      return 1
    }
  }
  await voices.remove(voiceId)
  terminal.print(terminal.json ? `${JSON.stringify({ voiceId, deleted: true })}\n` : `Deleted ${voiceId}.\n`)
  return 0
}
