import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { GCProfiler } from 'node:v8'
import type { z } from 'zod'
import { asked, type Answered, type Cost, type Memory } from './probe-messages.ts'

/**
 * Looks into the process it is loaded into (`node --expose-gc --import ./scripts/bench/probe.ts …`), the server and the
 * floor alike, and answers over the channel to its parent.
 */
const loopEveryMs = 10
const profileEveryUs = 250
const microsecond = 1e-3
const nanosecond = 1e-6

function startMeasuring(): () => Cost {
  const startedMs = performance.now()
  const cpu = process.cpuUsage()
  const loop = monitorEventLoopDelay({ resolution: loopEveryMs })
  const collections = new GCProfiler()
  let usedBytes = process.memoryUsage().heapUsed
  loop.enable()
  collections.start()
  return () => {
    loop.disable()
    const { statistics } = collections.stop()
    const { user, system } = process.cpuUsage(cpu)
    let allocatedBytes = 0
    for (const { beforeGC, afterGC } of statistics) {
      allocatedBytes += beforeGC.heapStatistics.usedHeapSize - usedBytes
      usedBytes = afterGC.heapStatistics.usedHeapSize
    }
    allocatedBytes += process.memoryUsage().heapUsed - usedBytes
    const pausesMs = statistics.map(({ cost }) => cost * microsecond)
    const lateMs = (ns: number) => Math.max(0, ns * nanosecond - loopEveryMs)
    return {
      elapsedMs: performance.now() - startedMs,
      userMs: user * microsecond,
      systemMs: system * microsecond,
      allocatedBytes,
      collections: statistics.length,
      pausedMs: pausesMs.reduce((sum, ms) => sum + ms, 0),
      longestPauseMs: Math.max(0, ...pausesMs),
      loopP50Ms: lateMs(loop.percentile(50)),
      loopP99Ms: lateMs(loop.percentile(99)),
      loopMaxMs: lateMs(loop.max),
    }
  }
}

async function restingMemory(): Promise<Memory> {
  // What finalizers and closed sockets hold goes in the turns between. Looked at in the turn of the last collection: 50 ms
  // of speaking leave some 10 KB of garbage for each call.
  for (let pass = 0; pass < 3; pass++) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    globalThis.gc?.()
  }
  const { rss, heapUsed, external } = process.memoryUsage()
  return { rssBytes: rss, heapBytes: heapUsed, externalBytes: external }
}

async function startProfile(file: string): Promise<() => Promise<void>> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: profileEveryUs })
  await session.post('Profiler.start')
  return async () => {
    const { profile } = await session.post('Profiler.stop')
    writeFileSync(file, JSON.stringify(profile))
    session.disconnect()
  }
}

let measuring: (() => Cost) | undefined
let endProfile: (() => Promise<void>) | undefined

async function answerTo({ ask, profile }: z.infer<typeof asked>): Promise<Omit<Answered, 'id'>> {
  if (ask === 'memory') return { memory: await restingMemory() }
  if (ask === 'begin') {
    endProfile = profile === undefined ? undefined : await startProfile(profile)
    measuring = startMeasuring()
    return {}
  }
  const cost = measuring?.()
  await endProfile?.()
  return { cost }
}

process.on('message', (message: unknown) => {
  const { data } = asked.safeParse(message)
  if (!data) return
  void answerTo(data).then((found) => process.send?.({ id: data.id, ...found }))
})
// To be measured is no reason to go on.
process.channel?.unref()
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
