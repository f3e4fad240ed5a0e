import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { answered, type Answered, type Cost, type Memory } from './probe-messages.ts'
import { startOptions } from './start-script.ts'

/** What is measured, a process of its own: the server, or the floor. */
export interface Bridge {
  readonly kind: 'server' | 'floor'
  readonly port: number
  /** Begins to count what it costs. `profile`: the file that a CPU profile of it goes to. */
  begin(profile?: string): Promise<void>
  /** What it cost since. */
  end(): Promise<Cost>
  /** After a collection of garbage. */
  memory(): Promise<Memory>
  stop(): Promise<void>
}

const folder = import.meta.dirname
/** Of both. */
const probe = ['--expose-gc', '--import', join(folder, 'probe.ts')]
const startWithinMs = 20_000
const stopWithinMs = 10_000

/** Where a bridge is to be. */
export interface Place {
  readonly port: number
  /** The one that it keeps to. */
  readonly core: number | undefined
}

/** The real server, with these settings and nothing else: no `.env`, and nothing of our own environment. */
export async function startServer(
  settings: Readonly<Record<string, string>>,
  flow: string | undefined,
  { port, core }: Place,
): Promise<Bridge> {
  const words = flow === undefined ? [] : ['--flow', join(folder, 'flows', `${flow}.ts`)]
  const env = { ...settings, PORT: String(port), PUBLIC_URL: `http://127.0.0.1:${port}` }
  return await start('server', resolve(folder, '../../src/main.ts'), words, {
    port,
    env,
    node: [...startOptions(), ...probe],
    core,
  })
}

/** A relay, with Node as it is. @param words behind its port: what the file itself tells */
export async function startFloor(
  file: 'floor' | 'floor-early',
  words: readonly string[],
  { port, core }: Place,
): Promise<Bridge> {
  return await start('floor', join(folder, `${file}.ts`), [String(port), ...words], {
    port,
    env: {},
    node: probe,
    core,
  })
}

async function start(
  kind: Bridge['kind'],
  file: string,
  words: readonly string[],
  run: Place & {
    readonly env: Readonly<Record<string, string>>
    readonly node: readonly string[]
  },
): Promise<Bridge> {
  const cwd = mkdtempSync(join(tmpdir(), 'callbridge-bench-'))
  const child = fork(file, words, {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', DATA_DIR: join(cwd, 'data'), ...run.env },
    silent: true,
    ...programOf(run),
  })
  let printed = ''
  child.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const ended = gone.then(() => {
    throw new Error(`the ${kind} ended by itself:\n${printed.slice(-2000)}`)
  })
  ended.catch(() => {})
  const ready = kind === 'floor' ? toldReady(child) : printedReady(child)
  await Promise.race([ready, ended, failAfter(startWithinMs, `the ${kind} did not start`)])
  const ask = createAsking(child, ended)

  return {
    kind,
    port: run.port,
    async begin(profile) {
      await ask('begin', profile)
    },
    async end() {
      const { cost } = await ask('end')
      if (!cost) throw new Error('the probe told no cost')
      return cost
    },
    async memory() {
      const { memory } = await ask('memory')
      if (!memory) throw new Error('the probe told no memory')
      return memory
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs)
      await gone
      clearTimeout(timer)
      rmSync(cwd, { recursive: true, force: true })
    },
  }
}

/** Bound to its core from its first instruction on, and all its threads with it: `taskset` becomes it. */
function programOf({ node, core }: { readonly node: readonly string[]; readonly core: number | undefined }) {
  return core === undefined
    ? { execArgv: [...node] }
    : { execPath: 'taskset', execArgv: ['--cpu-list', String(core), process.execPath, ...node] }
}

function toldReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.on('message', (message) => message === 'ready' && resolve()))
}

function printedReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve) =>
    child.stdout?.on('data', (chunk: Buffer) => chunk.includes('callbridge listens') && resolve()),
  )
}

function failAfter(ms: number, why: string): Promise<never> {
  return new Promise((_resolve, reject) => setTimeout(() => reject(new Error(why)), ms).unref())
}

function createAsking(child: ChildProcess, ended: Promise<never>) {
  const waiting = new Map<number, (answer: Answered) => void>()
  let last = 0
  child.on('message', (message) => {
    const { data } = answered.safeParse(message)
    if (data) waiting.get(data.id)?.(data)
  })
  return (ask: 'begin' | 'end' | 'memory', profile?: string): Promise<Answered> => {
    const id = ++last
    const answer = new Promise<Answered>((resolve) => waiting.set(id, resolve))
    child.send({ id, ask, ...(profile === undefined ? {} : { profile }) })
    return Promise.race([answer, ended])
  }
}
