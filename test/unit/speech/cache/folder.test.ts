import { spawn } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSteppedClock, type SteppedClock } from '../../../../src/simulator/clock.ts'
import { type AudioFolderOptions, createAudioFolder } from '../../../../src/speech/cache/folder.ts'
import { createAudioStore } from '../../../../src/speech/cache/store.ts'
import { keyFor, soundOf } from './sounds.ts'

let folder: string
let clock: SteppedClock
let warnings: object[]
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'callbridge-cache-')), 'speech-cache')
  clock = createSteppedClock()
  warnings = []
})
afterEach(() => rmSync(dirname(folder), { recursive: true, force: true }))

const hourMs = 3_600_000
function openFolder(more: Partial<AudioFolderOptions> = {}) {
  const log = { warn: (facts: object) => void warnings.push(facts), debug() {} }
  return createAudioFolder({ folder, maxBytes: 10_000_000, keepMs: hourMs, clock, log, ...more })
}
/** Writes what is written so far, through to the disk. */
async function keep(names: readonly (number | string)[], more: Partial<AudioFolderOptions> & { bytes?: number } = {}) {
  const { bytes, ...options } = more
  const writing = openFolder(options)
  for (const name of names) writing.write(keyFor(name), soundOf(name, bytes), clock.now())
  await writing.close()
}
const files = (pattern = '*.cbs') => globSync(`${folder}/*/${pattern}`)
const fileOf = (name: string) => join(folder, keyFor(name).slice(0, 2), `${keyFor(name)}.cbs`)
const bytesOnDisk = () => files('*').reduce((sum, file) => sum + statSync(file).size, 0)
const found = async (name: string) => (await openFolder().read(keyFor(name)))?.audio

describe('rendered utterances on disk', () => {
  test('another process finds them, and only their owner can read them', async () => {
    await keep(['one'])
    expect(await found('one')).toEqual(soundOf('one'))
    expect(await found('two')).toBeUndefined()
    expect(await openFolder().has(keyFor('one'))).toBe(true)
    expect(await openFolder().has(keyFor('two'))).toBe(false)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(statSync(dirname(fileOf('one'))).mode & 0o777).toBe(0o700)
    expect(statSync(fileOf('one')).mode & 0o777).toBe(0o600)
  })

  test.each<[string, (file: string) => void]>([
    ['cut off', (file) => truncateSync(file, 500)],
    ['empty', (file) => truncateSync(file, 0)],
    ['filled up with zeros, as after a power cut', (file) => writeFileSync(file, Buffer.alloc(4000))],
    ['longer than it was', (file) => appendFileSync(file, 'x')],
    ['something else', (file) => writeFileSync(file, 'not sound at all')],
    ['far too large', (file) => truncateSync(file, 20_000_000)],
    ['the sound of another key', (file) => writeFileSync(file, readFileSync(fileOf('two')))],
  ])('a file that is %s is a miss, and removed', async (_how, spoil) => {
    await keep(['one', 'two'])
    spoil(fileOf('one'))
    expect(await found('one')).toBeUndefined()
    expect(existsSync(fileOf('one'))).toBe(false)
    await keep(['one'])
    expect(await found('one')).toEqual(soundOf('one'))
  })

  test('a folder where a file should be is a miss, and harms nothing', async () => {
    mkdirSync(fileOf('one'), { recursive: true })
    expect(await found('one')).toBeUndefined()
    await keep(['one'])
    await keep(['two'])
    expect(await found('two')).toEqual(soundOf('two'))
  })

  test('what is older than its time to live is not used any more, and goes', async () => {
    await keep(['one', 'two'])
    await clock.advance(hourMs - 1)
    expect(await found('one')).toEqual(soundOf('one'))
    await clock.advance(1)
    const later = openFolder()
    expect(await later.has(keyFor('one'))).toBe(false)
    expect(await later.read(keyFor('one'))).toBeUndefined()
    // Also what nobody asks for.
    await expect.poll(() => files()).toEqual([])
    await later.close()
  })

  test('the folder stays within its limit, and the least recently used goes first', async () => {
    const names = Array.from({ length: 40 }, (_, index) => index)
    for (const name of names) {
      await keep([name], { bytes: 10_000 })
      await clock.advance(1000)
    }
    await found('0')
    const small = openFolder({ maxBytes: 200_000 })
    await small.read(keyFor('none'))
    await expect.poll(bytesOnDisk).toBeLessThanOrEqual(200_000)
    expect(files().length).toBeGreaterThan(15)
    expect(await found('0')).toBeDefined()
    expect(await found('39')).toBeDefined()
    expect(await found('1')).toBeUndefined()
    // A folder that grows is looked through again.
    for (let name = 100; name < 200; name++) small.write(keyFor(name), soundOf(name, 10_000), clock.now())
    await expect.poll(bytesOnDisk).toBeLessThanOrEqual(220_000)
    await small.close()
  })

  test('what a dead process was writing goes, what a running one writes and what is not ours stays', async () => {
    await keep(['one'])
    const part = dirname(fileOf('one'))
    const temporary = (pid: number) => join(part, `${keyFor('one')}.${pid}-00000000-00000000.tmp`)
    for (const pid of [999_999_999, process.pid, process.ppid]) writeFileSync(temporary(pid), 'half')
    writeFileSync(join(part, 'notes.txt'), 'x')
    writeFileSync(join(folder, 'notes.txt'), 'x')
    const reading = openFolder()
    await reading.read(keyFor('one'))
    await expect.poll(() => existsSync(temporary(999_999_999))).toBe(false)
    await expect.poll(() => existsSync(temporary(process.pid))).toBe(false)
    expect(existsSync(temporary(process.ppid))).toBe(true)
    expect(existsSync(join(part, 'notes.txt'))).toBe(true)
    expect(existsSync(join(folder, 'notes.txt'))).toBe(true)
    await reading.close()
  })

  test('a folder that cannot be used is told once, and the memory goes on', async () => {
    writeFileSync(folder, 'a file where the folder should be')
    const disk = openFolder()
    const store = createAudioStore({ clock, memoryBytes: 1_000_000, keepMs: hourMs, folder: disk })
    for (const name of ['one', 'two', 'three']) store.write(keyFor(name), soundOf(name))
    expect(await store.read(keyFor('one'))).toEqual(soundOf('one'))
    await store.close()
    expect(warnings).toEqual([{ systemCode: expect.stringMatching(/ENOTDIR|EEXIST/) }])
  })

  test('a disk that takes files again is used again', async () => {
    writeFileSync(folder, 'a file where the folder should be')
    const disk = openFolder()
    disk.write(keyFor('one'), soundOf('one'), clock.now())
    await expect.poll(() => warnings.length).toBe(1)
    for (let again = 0; again < 2; again++) {
      await clock.advance(30_000)
      disk.write(keyFor('one'), soundOf('one'), clock.now())
      await disk.read(keyFor('none'))
    }
    expect(warnings).toHaveLength(1)
    rmSync(folder)
    await expect
      .poll(async () => {
        await clock.advance(30_000)
        disk.write(keyFor('two'), soundOf('two'), clock.now())
        return found('two')
      })
      .toEqual(soundOf('two'))
    await disk.close()
  })

  test('nothing is written after the end', async () => {
    const disk = openFolder()
    await disk.close()
    await disk.close()
    disk.write(keyFor('one'), soundOf('one'), clock.now())
    expect(await found('one')).toBeUndefined()
  })

  test('times that nobody set right harm nothing', async () => {
    await keep(['one', 'two'])
    utimesSync(fileOf('one'), 0, 0)
    utimesSync(fileOf('two'), 9_999_999_999, 9_999_999_999)
    expect(await found('one')).toBeUndefined()
    expect(await found('two')).toEqual(soundOf('two'))
  })
})

describe('processes', () => {
  test('two write, read and remove in one folder at once: whatever is found is right', async () => {
    // Room for a quarter of what they write.
    const children = [startChild('60000'), startChild('60000')]
    for (const child of children) await child.saw(() => child.hits() > 300)
    for (const child of children) child.kill()
    for (const child of children) {
      await child.ended
      expect(child.output()).not.toMatch(/wrong [1-9]|warned/)
    }
    expect(bytesOnDisk()).toBeLessThan(60_000 * 1.5)
  })

  test('kill -9 in the middle of writing leaves nothing that is half, time and again', async () => {
    for (let round = 0; round < 4; round++) {
      const child = startChild('100000000', 'exec "$@"', '300000')
      await child.saw(() => child.output().includes('hits'))
      child.kill()
      await child.ended
      expect(child.output()).not.toMatch(/wrong [1-9]/)
    }
    expect(files().length).toBeGreaterThan(20)
    clock = createSteppedClock(performance.timeOrigin + performance.now())
    const reading = openFolder({ maxBytes: 1_000_000_000 })
    // Whatever stands under a final name is whole.
    for (const file of files()) {
      const key = /([0-9a-f]{64})\.cbs$/.exec(file)?.[1] ?? ''
      expect(await reading.read(key)).toBeDefined()
    }
    await expect.poll(() => files('*.tmp')).toEqual([])
    await reading.close()
  })

  test('a full disk is told once, and leaves nothing that is half', async () => {
    // 20 blocks of half a kilobyte, or of a whole one: less than one of its files.
    const child = startChild('100000000', 'trap "" XFSZ; ulimit -f 20; exec "$@"', '100000')
    await child.saw(() => child.output().split('hits').length > 3)
    child.kill()
    await child.ended
    expect(child.output().match(/warned .*EFBIG/g)).toHaveLength(1)
    expect(child.output()).toContain('hits 0 wrong 0')
    expect(files('*')).toEqual([])
  })
})

function startChild(maxBytes: string, shell = 'exec "$@"', soundBytes = '3000') {
  const script = new URL('./folder-child.ts', import.meta.url).pathname
  const child = spawn('sh', ['-c', shell, 'sh', process.execPath, script, folder, maxBytes, soundBytes])
  let output = ''
  let look = () => {}
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      look()
    })
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
  return {
    ended,
    output: () => output,
    hits: () => Number(/hits (\d+)[^h]*$/.exec(output)?.[1] ?? 0),
    kill: () => void child.kill('SIGKILL'),
    saw: (condition: () => boolean) =>
      new Promise<void>((resolve, reject) => {
        look = () => {
          if (condition()) resolve()
        }
        void ended.then(() => reject(new Error(`ended before: ${output.slice(-500)}`)))
        look()
      }),
  }
}
