import { type PointerEvent, type RefObject, useLayoutEffect, useRef, useState } from 'react'
import type { Reading } from './reader'

const AT_FIRST = 1000 // milliseconds after the start, in which late rows are added at once: the reader has not begun to read

/**
 * Holds back the rows of an account that answers late, while the reader points at a row, has the focus in one, or has
 * scrolled down: they would move the rows. `show` adds them.
 */
export function useHeldBack(key: string, readings: readonly Reading[], frame: RefObject<HTMLElement | null>) {
  const arrived = readings.filter(({ list }) => list)
  const [added, setAdded] = useState<{ key: string; accounts: ReadonlySet<string> }>({ key, accounts: accountsOf(arrived) })
  const accounts = added.key === key ? added.accounts : new Set<string>()
  const isSettled = ({ account, list }: Reading) => accounts.has(account) || list!.edges.length === 0
  const waiting = arrived.filter((reading) => !isSettled(reading))
  const isFirst = accounts.size === 0

  const start = useRef(0)
  const isPointed = useRef(false)
  useLayoutEffect(() => {
    start.current = performance.now()
    isPointed.current = false
    // Another filter or order: its rows are read from the first one on.
    if (frame.current && frame.current.getBoundingClientRect().top < 0) frame.current.scrollIntoView()
  }, [key])
  useLayoutEffect(() => {
    const isEarly = performance.now() - start.current < AT_FIRST
    if (waiting.length > 0 && (isFirst || isEarly || !(isPointed.current || isInUse(frame.current)))) setAdded({ key, accounts: accountsOf(arrived) })
  }, [key, waiting.length])

  return {
    ready: arrived.filter(isSettled),
    held: isFirst ? [] : waiting,
    // For the element around the rows. A pointer that rests where the rows appear is not used to point at them.
    pointer: {
      onPointerMove({ movementX, movementY }: PointerEvent) {
        if (movementX !== 0 || movementY !== 0) isPointed.current = true
      },
      onPointerLeave() {
        isPointed.current = false
      },
    },
    show: () => setAdded({ key, accounts: accountsOf(arrived) }),
  }
}

const accountsOf = (readings: readonly Reading[]): ReadonlySet<string> => new Set(readings.map(({ account }) => account))

const isInUse = (frame: HTMLElement | null) =>
  frame !== null && (frame.querySelector('tbody:focus-within') !== null || frame.getBoundingClientRect().top < 0)
