import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type AsyncService, startAsyncService } from '../src/simulator/async/service.ts'
import { type DeepgramService, startDeepgramService } from '../src/simulator/deepgram/service.ts'
import { type PhoneNetwork, startPhoneNetwork } from '../src/simulator/phone-network/network.ts'
import { emulatorSettings, logFolder, secrets } from './world.ts'

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly child: ChildProcess
  readonly finished: Promise<Finished>
  /** Resolves when `text` has been printed on either stream. */
  printed(text: string): Promise<void>
  /** Signals the whole group, as Ctrl-C on a terminal does. */
  signal(name: NodeJS.Signals): void
}

/** What a command needs of the project, and nothing that is the developer's own: no `.env`, no recording. */
const parts = ['package.json', '.npmrc', 'node_modules', 'scripts', 'src', 'test']

/** A folder of its own in which every command runs as in `root`, and finds and leaves no other file. */
export function checkout(root = '.'): string {
  const folder = mkdtempSync(join(tmpdir(), 'callbridge-'))
  for (const part of parts) {
    // npm reads these two through no link.
    if (part === 'package.json' || part === '.npmrc') cpSync(join(root, part), join(folder, part))
    else symlinkSync(resolve(root, part), join(folder, part))
  }
  return folder
}

/**
 * Starts a program of this project as a user would, with nothing of our own environment but the path.
 *
 * @param folder a `checkout` of the caller's; without one it runs in a new one, which is gone when it has finished
 */
export function start(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input = '',
  folder?: string,
): Running {
  const [command = '', ...rest] = words
  const cwd = folder ?? checkout()
  const child = spawn(command, rest, {
    cwd,
    // A group of its own, so that a signal reaches what npm started too.
    detached: true,
    env: { PATH: process.env['PATH'] ?? '', HOME: '/tmp', ...env },
  })
  let stdout = ''
  let stderr = ''
  const watchers = new Set<() => void>()
  const tellWatchers = () => {
    for (const watch of watchers) watch()
  }
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
    tellWatchers()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
    tellWatchers()
  })
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      if (folder === undefined) rmSync(cwd, { recursive: true, force: true })
      keepLog(stderr)
      resolve({ code, stdout, stderr })
    })
  })
  return {
    child,
    finished,
    signal: (name) => void (child.pid !== undefined && process.kill(-child.pid, name)),
    printed: (text) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          if (!(stdout + stderr).includes(text)) return
          watchers.delete(look)
          resolve()
        }
        watchers.add(look)
        void finished.then(() => reject(new Error(`ended without printing ${text}:\n${stdout}\n${stderr}`)))
        look()
      }),
  }
}

/** The log lines of a program go to where the log tests look. What it shows a person is not a log. */
function keepLog(stderr: string): void {
  const lines = stderr.split('\n').filter((line) => line.startsWith('{"level"'))
  if (lines.length === 0) return
  mkdirSync(logFolder, { recursive: true })
  appendFileSync(`${logFolder}/commands-${process.pid}.log`, `${lines.join('\n')}\n`)
}

export const run = (...given: Parameters<typeof start>): Promise<Finished> => start(...given).finished

/** Below the ports that systems hand out by themselves: the emulators of other tests get those, thousands in a run. */
const ports = { first: 20_000, count: 12_000 }
let tried = (process.pid % 120) * 100

/** A port nobody listens on, and that nobody is given by chance before it is used. */
export async function freePort(): Promise<number> {
  for (let left = ports.count; left > 0; left--) {
    const port = ports.first + (tried++ % ports.count)
    if (await isFree(port)) return port
  }
  throw new Error('no port is free')
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** The settings that lead a command to a pair of emulators, with a folder of its own for its records. */
export function commandSettings(
  { network, async }: { readonly network: PhoneNetwork; readonly async: AsyncService },
  port: number,
): Record<string, string> {
  return {
    ...emulatorSettings(network, async),
    DATA_DIR: mkdtempSync(join(tmpdir(), 'callbridge-data-')),
    // The machine that tests run on may be slow.
    MAX_LOOP_DELAY_MS: '60000',
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
  }
}

export interface Emulators {
  readonly network: PhoneNetwork
  readonly async: AsyncService
  readonly deepgram: DeepgramService
  /** The settings that lead a command to them, and let it listen on a port that is free, or on `port`. */
  settings(port?: number): Promise<Record<string, string>>
  close(): Promise<void>
}

/** The other side of a command: all emulators, in real time. */
export async function startEmulators(): Promise<Emulators> {
  const account = { sid: secrets.accountSid, authToken: secrets.authToken, numbers: [secrets.from] }
  const network = await startPhoneNetwork({ account })
  const async = await startAsyncService({ apiKey: secrets.asyncKey })
  const deepgram = await startDeepgramService({ apiKey: secrets.deepgramKey })
  return {
    network,
    async,
    deepgram,
    async settings(given) {
      return commandSettings({ network, async }, given ?? (await freePort()))
    },
    async close() {
      await async.close()
      await deepgram.close()
      await network.close()
    },
  }
}
