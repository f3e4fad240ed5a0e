import { z } from 'zod'

/** What the parent asks a bridge that it measures, and what the probe in it answers. Sizes in bytes, times in milliseconds. */
export const asked = z.object({
  id: z.number(),
  ask: z.enum(['begin', 'end', 'memory']),
  /** With `begin`: the file that a CPU profile goes to at the end. */
  profile: z.string().optional(),
})

export const cost = z.object({
  elapsedMs: z.number(),
  /** CPU time of our own code, and of the kernel for us. */
  userMs: z.number(),
  systemMs: z.number(),
  /** Memory of the JavaScript heap that was handed out, whether or not it was collected since. */
  allocatedBytes: z.number(),
  collections: z.number(),
  pausedMs: z.number(),
  longestPauseMs: z.number(),
  /** How much later than it should the event loop came round. */
  loopP50Ms: z.number(),
  loopP99Ms: z.number(),
  loopMaxMs: z.number(),
})

/** After the garbage was collected. */
export const memory = z.object({ rssBytes: z.number(), heapBytes: z.number(), externalBytes: z.number() })

export const answered = z.object({ id: z.number(), cost: cost.optional(), memory: memory.optional() })

export type Cost = z.infer<typeof cost>
export type Memory = z.infer<typeof memory>
export type Answered = z.infer<typeof answered>
