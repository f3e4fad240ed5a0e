import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSteppedClock } from '../../src/simulator/clock.ts'
import { createLogger } from '../../src/ops/logger.ts'
import { openFileRecords } from '../../src/store/file-records.ts'
import { createMemoryRecords } from '../../src/store/memory-records.ts'
import { recordsConformance } from './records.ts'

recordsConformance('memory', async () => ({ records: createMemoryRecords(), close: async () => {} }))

recordsConformance('files', files())
recordsConformance('files, written afresh at every turn', files({ compactBytes: 0 }))

function files(more: { compactBytes?: number } = {}) {
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), 'callbridge-records-'))
    const deps = { clock: createSteppedClock(), log: createLogger('silent') }
    const records = await openFileRecords({ folder, keepDays: 30, ...deps, ...more })
    return { records, close: async () => rmSync(folder, { recursive: true }) }
  }
}
