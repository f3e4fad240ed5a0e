import { systemClock } from '../../../src/ops/clock.ts'
import { createLogger } from '../../../src/ops/logger.ts'
import { openFileRecords } from '../../../src/store/file-records.ts'
import { aRecord } from '../../contract/record-fixtures.ts'

/** Saves records as fast as it can, and names each on standard output once its save resolved, or the first failure. */
const [folder = '', prefix = 'c'] = process.argv.slice(2)
const log = createLogger('warn')
const records = await openFileRecords({ folder, keepDays: 30, clock: systemClock, log })
let count = 0

async function saveForEver(): Promise<void> {
  for (;;) {
    const callId = `${prefix}${count++}`
    await records.save(aRecord(callId, { minute: count % 1000, flow: 'f'.repeat(count % 700) }))
    process.stdout.write(`saved ${callId}\n`)
  }
}

try {
  await Promise.all([saveForEver(), saveForEver(), saveForEver()])
} catch (thrown) {
  process.stdout.write(`failed ${String(thrown)} healthy=${records.healthy}\n`)
  setInterval(() => {}, 1000)
}
