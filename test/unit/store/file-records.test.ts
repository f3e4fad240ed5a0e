import { execFileSync, spawn } from 'node:child_process'
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLogger } from '../../../src/ops/logger.ts'
import { createSteppedClock, type SteppedClock } from '../../../src/simulator/clock.ts'
import { type FileRecordsOptions, openFileRecords } from '../../../src/store/file-records.ts'
import { aRecord, anEndedRecord } from '../../contract/record-fixtures.ts'

let folder: string
let clock: SteppedClock
let logged: string
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'callbridge-store-')), 'data')
  clock = createSteppedClock()
  logged = ''
})
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }))

const sink = () =>
  new Writable({
    write(chunk, _encoding, done) {
      logged += String(chunk)
      done()
    },
  })
const openRecords = (more: Partial<FileRecordsOptions> = {}) =>
  openFileRecords({ folder, keepDays: 30, clock, log: createLogger('info', sink()), ...more })
const journals = () => readdirSync(folder).sort()
const lines = () => journals().flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n').filter(Boolean))
const line = (record: unknown) => `${JSON.stringify(record)}\n`
/** A process that certainly runs and is not this one. */
const livePid = process.ppid

describe('call records in files', () => {
  test('a restart finds everything, and leaves one journal that only its owner can read', async () => {
    const first = await openRecords()
    await first.save(anEndedRecord('a', { idempotencyKey: 'k', requestDigest: 'd' }))
    await first.save(aRecord('b', { minute: 1 }))
    await first.close()
    const second = await openRecords()
    expect(second.find('a')).toEqual(anEndedRecord('a', { idempotencyKey: 'k', requestDigest: 'd' }))
    expect(second.byIdempotencyKey('k')?.callId).toBe('a')
    expect(second.list({ limit: 9 }).map(({ callId }) => callId)).toEqual(['b', 'a'])
    expect(journals()).toHaveLength(1)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(statSync(join(folder, journals()[0] ?? '')).mode & 0o777).toBe(0o600)
    await second.close()
  })

  test('calls of a dead process are unfinished, also over further restarts, until they are saved as ended', async () => {
    const first = await openRecords()
    await first.save(aRecord('a'))
    await first.close()
    for (let restart = 0; restart < 2; restart++) {
      const next = await openRecords()
      expect(next.unfinished()).toEqual([aRecord('a')])
      await next.close()
    }
    const last = await openRecords()
    await last.save(anEndedRecord('a'))
    expect(last.unfinished()).toEqual([])
    await last.close()
    const after = await openRecords()
    expect(after.unfinished()).toEqual([])
    await after.close()
  })

  test('torn, garbled and repeated lines are counted and never fatal; the latest record wins', async () => {
    mkdirSync(folder)
    const good = line(aRecord('a')) + line(aRecord('a', { minute: 2, state: 'ringing' }))
    const bad = [
      '{',
      'null',
      '[]',
      '42',
      '{"callId":"x"}',
      '\u0000\uFFFF',
      '{"__proto__":{"callId":"y"}}',
      'x'.repeat(100_000),
    ]
    const older = line(aRecord('a', { minute: 1, state: 'answered' }))
    const torn = line(anEndedRecord('b')).slice(0, -20)
    writeFileSync(join(folder, 'calls-999999999-1-000000000001.jsonl'), good + bad.join('\n') + '\n\n' + older + torn)
    const records = await openRecords()
    expect(records.find('a')?.state).toBe('ringing')
    expect(records.find('b')).toBeUndefined()
    expect(records.list({ limit: 9 })).toHaveLength(1)
    expect(JSON.parse(logged)).toMatchObject({ garbage: bad.length + 1, duplicates: 2, journals: 1, records: 1 })
    await records.close()
  })

  test('an outcome of a version that knew neither answers nor transfers has none', async () => {
    mkdirSync(folder)
    const text = line(anEndedRecord('a')).replace('"answer":null,"transfer":null,', '')
    expect(text).not.toContain('transfer')
    writeFileSync(join(folder, 'calls-999999999-1-000000000001.jsonl'), text)
    const records = await openRecords()
    expect(records.find('a')?.outcome).toMatchObject({ status: 'heard', answer: null, transfer: null })
    await records.close()
  })

  test('an end is not taken back by a clock that was set back', async () => {
    mkdirSync(folder)
    const text = line(anEndedRecord('a', { minute: 5 })) + line(aRecord('a', { minute: 9 }))
    writeFileSync(join(folder, 'calls-999999999-1-000000000001.jsonl'), text)
    const records = await openRecords()
    expect(records.find('a')?.state).toBe('ended')
    await records.close()
  })

  test('a line without an end does not fill the memory', async () => {
    mkdirSync(folder)
    const text = 'x'.repeat(20_000_000) + '\n' + line(aRecord('a'))
    writeFileSync(join(folder, 'calls-999999999-1-000000000001.jsonl'), text)
    const records = await openRecords()
    expect(records.find('a')).toBeDefined()
    await records.close()
  })

  test('the journal of a process that runs is read and left alone; its calls are its own', async () => {
    mkdirSync(folder)
    const file = join(folder, `calls-${livePid}-0-000000000001.jsonl`)
    writeFileSync(file, line(aRecord('theirs')))
    const records = await openRecords()
    expect(records.find('theirs')).toBeDefined()
    expect(records.unfinished()).toEqual([])
    await records.close()
    expect(readFileSync(file, 'utf8')).toBe(line(aRecord('theirs')))
    expect(lines()).toHaveLength(1)
  })

  test('what a dead process left is not unfinished where a running one has gone on with it', async () => {
    mkdirSync(folder)
    const [first, last] = ['1', '9999999999'].map((pid) => `calls-${pid}-1-000000000001.jsonl`)
    for (const dead of [first, last]) {
      writeFileSync(join(folder, dead ?? ''), line(aRecord('a')))
      writeFileSync(join(folder, `calls-${livePid}-0-000000000001.jsonl`), line(aRecord('a', { minute: 1 })))
      const records = await openRecords()
      expect(records.unfinished()).toEqual([])
      await records.close()
      rmSync(folder, { recursive: true })
      mkdirSync(folder)
    }
  })

  test('a number given to a later process, and our own number, belong to the dead', async () => {
    mkdirSync(folder)
    writeFileSync(join(folder, `calls-${livePid}-1-000000000001.jsonl`), line(aRecord('reused')))
    writeFileSync(join(folder, `calls-${process.pid}-1-000000000002.jsonl`), line(aRecord('container')))
    const records = await openRecords()
    expect(
      records
        .unfinished()
        .map(({ callId }) => callId)
        .sort(),
    ).toEqual(
      // Only Linux says when a process started.
      process.platform === 'linux' ? ['container', 'reused'] : ['container'],
    )
    expect(journals()).toHaveLength(process.platform === 'linux' ? 1 : 2)
    await records.close()
  })

  test('other files of the folder are left alone', async () => {
    mkdirSync(join(folder, 'calls-999999999-1-00000000000a.jsonl'), { recursive: true })
    writeFileSync(join(folder, 'notes.txt'), line(aRecord('a')))
    const records = await openRecords()
    expect(records.list({ limit: 9 })).toEqual([])
    await records.close()
    expect(journals()).toEqual(['calls-999999999-1-00000000000a.jsonl', 'notes.txt'])
  })

  test('ended calls older than the time they are kept are forgotten at the start, open ones never', async () => {
    mkdirSync(folder)
    const text = line(anEndedRecord('old')) + line(anEndedRecord('young', { minute: 2 })) + line(aRecord('open'))
    writeFileSync(join(folder, 'calls-999999999-1-000000000001.jsonl'), text)
    await clock.advance(86_400_000 + 60_000)
    const records = await openRecords({ keepDays: 1 })
    expect(records.list({ limit: 9 }).map(({ callId }) => callId)).toEqual(['young', 'open'])
    await records.close()
    expect(lines()).toHaveLength(2)
  })

  test('past its limit the memory forgets the oldest ended calls, never running ones', async () => {
    const records = await openRecords({ limit: 3 })
    await records.save(aRecord('running'))
    for (let index = 0; index < 10; index++) await records.save(anEndedRecord(`c${index}`, { minute: index }))
    expect(records.list({ limit: 99 }).map(({ callId }) => callId)).toEqual(['c9', 'c8', 'running'])
    await records.close()
  })

  test('a journal that grew is written afresh, with the latest of each call', async () => {
    const records = await openRecords({ compactBytes: 20_000 })
    for (let index = 0; index < 500; index++) await records.save(aRecord('a', { flow: `f${index}` }))
    await records.save(anEndedRecord('a'))
    await records.close()
    expect(lines().length).toBeLessThan(150)
    const again = await openRecords()
    expect(again.find('a')?.state).toBe('ended')
    await again.close()
  })

  test('a journal that somebody deleted is written again, whole', async () => {
    const records = await openRecords()
    await records.save(aRecord('a'))
    for (const file of journals()) unlinkSync(join(folder, file))
    await records.save(aRecord('b'))
    await records.close()
    const again = await openRecords()
    expect(again.unfinished()).toHaveLength(2)
    await again.close()
  })
})

describe('a disk that takes nothing', () => {
  test('saves reject, are told once, and are made up for when the disk takes them again', async () => {
    writeFileSync(folder, 'a file where the folder should be')
    const records = await openRecords()
    expect(records.healthy).toBe(false)
    await expect(records.save(aRecord('a'))).rejects.toMatchObject({ code: 'records.unwritable' })
    await expect(records.save(anEndedRecord('a'))).rejects.toMatchObject({ code: 'records.unwritable' })
    expect(records.find('a')?.state).toBe('ended')
    expect(logged.match(/call records cannot be written/g)).toHaveLength(1)
    expect(logged).not.toContain('+1555')
    unlinkSync(folder)
    await clock.advance(5_000)
    await expect.poll(() => records.healthy).toBe(true)
    await records.close()
    const again = await openRecords()
    expect(again.find('a')?.state).toBe('ended')
    expect(again.unfinished()).toEqual([])
    await again.close()
  })

  test('the disk fills up in the middle of a line: what was saved is there, the torn line harms nothing', async () => {
    // 64 blocks of half a kilobyte, or of a whole one.
    const child = startSaving('trap "" XFSZ; ulimit -f 64; exec "$@"')
    await child.printed('failed')
    child.kill()
    await child.ended
    expect(child.output()).toContain('EFBIG')
    expect(child.output()).toContain('healthy=false')
    await expectAllSaved(child.saved())
    // What comes after a torn line is a line of its own.
    expect(logged).toContain('"garbage":1')
  })
})

describe.runIf(process.platform === 'linux')('a disk that takes a part of a line, and later all again', () => {
  test('what failed is made up for, and what comes after the torn line is a line of its own', async () => {
    const child = startSaving('trap "" XFSZ; ulimit -S -f 64; exec "$@"', 'c', 'again')
    await child.printed('failed')
    execFileSync('prlimit', ['--pid', String(child.pid), '--fsize=unlimited'])
    await child.printed('healthy again\n')
    child.kill()
    await child.ended
    expect(journals()).toHaveLength(1)
    const failed = /^failed (\S+)/m.exec(child.output())?.[1] ?? ''
    await expectAllSaved([...child.saved(), failed, 'after'])
    expect(logged).toContain('"garbage":1')
  })
})

describe('kill -9', () => {
  test('in the middle of writing loses nothing whose save had resolved, time and again', {
    timeout: 60_000,
  }, async () => {
    const saved: string[] = []
    for (let round = 0; round < 4; round++) {
      const child = startSaving('exec "$@"', `r${round}-`)
      // Later rounds begin by taking over what the earlier ones left.
      await child.printed(`saved r${round}-${200 * (round + 1)}\n`)
      child.kill()
      await child.ended
      saved.push(...child.saved())
      // A cut that a power loss could leave behind.
      if (round === 1) for (const file of journals()) appendFileSync(join(folder, file), '{"callId":"to')
    }
    await expectAllSaved(saved)
  })
})

async function expectAllSaved(saved: readonly string[]): Promise<void> {
  expect(saved.length).toBeGreaterThan(20)
  const records = await openRecords()
  expect(saved.filter((callId) => !records.find(callId))).toEqual([])
  expect(records.unfinished().length).toBeGreaterThanOrEqual(saved.length)
  await records.close()
}

function startSaving(shell: string, prefix = 'c', then = '') {
  const script = new URL('./saving-child.ts', import.meta.url).pathname
  const child = spawn('sh', ['-c', shell, 'sh', process.execPath, script, folder, prefix, then])
  let output = ''
  let look = () => {}
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
    look()
  })
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
  return {
    ended,
    pid: child.pid,
    output: () => output,
    kill: () => void child.kill('SIGKILL'),
    /** A line that the kill cut off was not told. */
    saved: () => [...output.matchAll(/^saved (\S+)\n/gm)].map((match) => match[1] ?? ''),
    printed: (text: string) =>
      new Promise<void>((resolve, reject) => {
        look = () => {
          if (output.includes(text)) resolve()
        }
        void ended.then(() => reject(new Error(`ended before ${text}: ${output.slice(-500)}`)))
        look()
      }),
  }
}
