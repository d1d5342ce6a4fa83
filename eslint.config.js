// Biome does the ordinary linting; here are only the rules that need types, and the documentation gate.
import jsdoc from 'eslint-plugin-jsdoc';
import tseslint from 'typescript-eslint';

const rooms = ['ingest', 'cascade', 'optimizer', 'sinks', 'streams-dsl', 'serve', 'cli', 'fixtures'];

export default [
  { ignores: ['.saccade/**', 'dist/**', '**/*.js', '**/*.mjs', '**/*.cjs'] },
  {
    files: ['**/*.ts'],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { '@typescript-eslint': tseslint.plugin },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    files: ['streams-dsl', 'serve', 'cli', 'bench', 'docs'].map(room => `${room}/**/*.ts`),
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'rxjs',
              importNames: ['from', 'scheduled'],
              message:
                'It drains an AsyncIterable at once, however slow the consumer: take gatedSource() of streams-dsl for ' +
                'sources, defer() for promises and of() for values.',
            },
          ],
        },
      ],
    },
  },
  {
    files: rooms.map(room => `${room}/**/*.ts`),
    plugins: { jsdoc },
    settings: { jsdoc: { mode: 'typescript' } },
    rules: {
      'jsdoc/require-jsdoc': [
        'error',
        {
          publicOnly: true,
          contexts: [
            'TSInterfaceDeclaration',
            'TSTypeAliasDeclaration',
            'ExportNamedDeclaration > VariableDeclaration',
          ],
          require: { ClassDeclaration: true, FunctionDeclaration: true, MethodDefinition: false },
        },
      ],
      'jsdoc/require-description': ['error', { contexts: ['any'], checkConstructors: false }],
    },
  },
];
