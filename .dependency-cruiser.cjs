// One way only: a room may import the rooms listed for it, and enters them through their index.ts.
const mayImport = {
  ingest: [],
  cascade: ['ingest'],
  optimizer: ['ingest', 'cascade'],
  sinks: ['ingest', 'cascade'],
  'streams-dsl': ['ingest', 'cascade', 'sinks'],
  serve: ['ingest', 'cascade', 'sinks', 'streams-dsl'],
  fixtures: ['ingest', 'cascade', 'optimizer'],
  cli: ['ingest', 'cascade', 'optimizer', 'sinks', 'streams-dsl', 'serve', 'fixtures'],
  bench: ['ingest', 'cascade', 'optimizer', 'sinks', 'streams-dsl', 'serve', 'fixtures', 'cli'],
};
const rooms = Object.keys(mayImport);

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'nothing-imports-tests', severity: 'error', from: { pathNot: '^test/' }, to: { path: '^test/' } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'sinks-take-types',
      severity: 'error',
      comment: 'a sink needs the types of the cascade only: loading it would load the inference engine',
      from: { path: '^sinks/' },
      to: { path: '^cascade/', dependencyTypesNot: ['type-only'] },
    },
    ...rooms.map(room => ({
      name: `${room}-imports`,
      severity: 'error',
      comment: `${room}/ may import only: ${mayImport[room].join(', ') || 'no other room'}`,
      from: { path: `^${room}/` },
      to: {
        path: `^(${rooms.filter(other => other !== room && !mayImport[room].includes(other)).join('|') || '$^'})/`,
      },
    })),
    ...rooms.map(room => ({
      name: `${room}-through-index`,
      severity: 'error',
      comment: 'a room is entered through its index.ts',
      from: { path: `^(index\\.ts$|(${rooms.filter(other => other !== room).join('|')})/)` },
      to: { path: `^${room}/`, pathNot: `^${room}/index\\.ts$` },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
};
