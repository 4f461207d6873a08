// The frameworks that init names, found by the dependencies of the project. For those whose build writes the
// server, this table has the file. Pure data.

import type { Project } from './project.ts'

export interface Framework {
  readonly name: string
  /** The project depends on all of these packages. */
  readonly packages: readonly string[]
  /** The programs that start it in a script: `next start`. */
  readonly programs?: readonly string[]
  /** The file that its build writes, which is the program to serve. */
  readonly output?: string
  /** The port of its own server. */
  readonly port?: number
  /** What the project must have so that the build writes `output`. Returns what is missing. */
  readonly missing?: (project: Project) => string | undefined
  /** Comments for the config. */
  readonly notes?: readonly string[]
}

/** The first row whose packages a project has is its framework: those that contain others come first. */
export const frameworks: readonly Framework[] = [
  {
    name: 'Next.js',
    packages: ['next'],
    programs: ['next'],
    output: '.next/standalone/server.js',
    port: 3000,
    missing: (project) =>
      writesStandalone(project)
        ? undefined
        : `set output: 'standalone' in next.config, so that the build writes .next/standalone/server.js`,
    notes: [
      'The standalone build has no static files. After each build:',
      'cp -r public .next/standalone/; cp -r .next/static .next/standalone/.next/',
    ],
  },
  {
    name: 'Nuxt',
    packages: ['nuxt'],
    programs: ['nuxt', 'nuxi'],
    output: '.output/server/index.mjs',
    port: 3000,
  },
  {
    name: 'SvelteKit',
    packages: ['@sveltejs/kit'],
    programs: ['vite', 'svelte-kit'],
    output: 'build/index.js',
    port: 3000,
    missing: (project) =>
      project.package?.dependencies.has('@sveltejs/adapter-node')
        ? undefined
        : 'use @sveltejs/adapter-node in svelte.config.js, so that the build writes build/index.js',
  },
  {
    name: 'Astro',
    packages: ['astro'],
    programs: ['astro'],
    output: 'dist/server/entry.mjs',
    port: 4321,
    missing: (project) =>
      project.package?.dependencies.has('@astrojs/node')
        ? undefined
        : `use @astrojs/node with mode: 'standalone' in astro.config, so that the build writes ` +
          'dist/server/entry.mjs',
  },
  { name: 'Nest', packages: ['@nestjs/core'], programs: ['nest'], output: 'dist/main.js', port: 3000 },
  {
    name: 'Nitro',
    packages: ['nitropack'],
    programs: ['nitro', 'nitropack'],
    output: '.output/server/index.mjs',
    port: 3000,
  },
  { name: 'Nitro', packages: ['nitro'], programs: ['nitro'], output: '.output/server/index.mjs', port: 3000 },
  { name: 'Fastify', packages: ['fastify'], port: 3000 },
  { name: 'Express', packages: ['express'] },
  { name: 'Koa', packages: ['koa'] },
  { name: 'Hono', packages: ['hono'] },
  { name: 'h3', packages: ['h3'] },
  { name: 'Elysia', packages: ['elysia'] },
  { name: 'hapi', packages: ['@hapi/hapi'] },
  { name: 'restify', packages: ['restify'] },
  { name: 'polka', packages: ['polka'] },
]

export function frameworkOf(project: Project): Framework | undefined {
  const names = project.package?.dependencies
  return names && frameworks.find(({ packages }) => packages.every((name) => names.has(name)))
}

const nextConfigs = ['js', 'mjs', 'cjs', 'ts', 'mts', 'cts'].map((extension) => `next.config.${extension}`)

function writesStandalone(project: Project): boolean {
  return nextConfigs.some((name) => /output\s*:\s*['"`]standalone['"`]/.test(project.read(name) ?? ''))
}
