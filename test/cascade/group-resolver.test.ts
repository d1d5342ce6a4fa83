import { expect, it } from 'vitest';
import { GroupResolver } from '../../cascade/group-resolver.ts';

function resolverWith(labels: Record<number, boolean | 'failed'>): GroupResolver {
  return new GroupResolver(keyframe => labels[keyframe], 40);
}

it.each([
  // Ends agree: the inside carries their label.
  [{ 0: false, 10: false }, { from: 0, to: 10 }, [false]],
  [{ 0: true, 10: true }, { from: 0, to: 10 }, [false]],
  // Ends disagree: something happened inside.
  [{ 0: false, 10: true }, { from: 0, to: 10 }, [true]],
  // A keyframe without a label of its own says nothing about the inside.
  [{ 0: 'failed', 10: true }, { from: 0, to: 10 }, [true]],
  [{ 0: true, 10: 'failed' }, { from: 0, to: 10 }, [true]],
  // One end is not known yet.
  [{ 0: false }, { from: 0, to: 10 }, []],
  // The last group has no second end.
  [{ 30: false }, { from: 30, to: 40 }, [true]],
  // Nothing inside.
  [{ 0: false, 1: true }, { from: 0, to: 1 }, [false]],
] as [Record<number, boolean | 'failed'>, { from: number; to: number }, boolean[]][])(
  '%j %j: %j',
  (labels, range, refined) => {
    const resolver = resolverWith(labels);
    resolver.add(range);
    expect(resolver.take().map(({ refine }) => refine)).toEqual(refined);
  },
);

it('returns each group once, and again only when it is added again', () => {
  const resolver = resolverWith({ 0: false, 10: true });
  resolver.add({ from: 0, to: 10 });
  expect(resolver.take()).toHaveLength(1);
  expect(resolver.take()).toHaveLength(0);
  resolver.add({ from: 0, to: 10 });
  expect(resolver.take()).toHaveLength(1);
});
