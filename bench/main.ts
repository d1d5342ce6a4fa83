// Every figure that the README quotes.
//
// Usage: npm run bench [-- name …]
import { spawnSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

const benches = [
  'stages',
  'decode-share',
  'speedup',
  'segments',
  'worker-memory',
  'event-loop',
  'profile',
  'optimize',
  'coverage',
  'dsl-overhead',
  'slow-consumer',
  'cameras',
  'camera-faults',
  'cameras-soak',
  'sharing',
  'compete',
  'kafka-exactly-once',
  'kafka-rate',
  'serve-models',
  'serve-peers',
];

const chosen = process.argv.slice(2);
const unknown = chosen.filter(name => !benches.includes(name));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}: expected ${benches.join(', ')}.`);
  process.exit(2);
}
const [cpu] = cpus();
const memoryGiB = Math.round(totalmem() / 2 ** 30);
console.log(`${cpus().length} × ${cpu?.model.trim()}, ${memoryGiB} GiB, Node ${process.versions.node}`);
for (const name of chosen.length > 0 ? chosen : benches) {
  const file = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
  const { status } = spawnSync(process.execPath, [file], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
