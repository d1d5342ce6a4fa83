import { readProgram } from './read-program.ts';

/** Which FFmpeg the user has. */
export interface FfmpegVersion {
  /** As printed, such as `5.1.9-0+deb12u1`. */
  readonly text: string;
  /** Major and minor number, such as 5.1; infinite for builds from source control, which carry a commit instead. */
  readonly number: number;
  /** Licence that its build follows from its configuration. */
  readonly licence: 'GPL-3.0' | 'GPL-2.0' | 'LGPL' | 'nonfree';
}

/**
 * Asks the user's ffmpeg for its version.
 * @throws INGEST_FFMPEG_NOT_FOUND, INGEST_FFMPEG_FAILED - as their texts say.
 */
export async function ffmpegVersion(): Promise<FfmpegVersion> {
  const printed = await readProgram('ffmpeg', ['-hide_banner', '-version'], '-version');
  const text = /^ffmpeg version (\S+)/m.exec(printed)?.[1] ?? 'unknown';
  const [, major = '', minor = '0'] = /^n?(\d+)\.(\d+)/.exec(text) ?? [];
  const number = major === '' ? Number.POSITIVE_INFINITY : Number(major) + Number(minor) / 10;
  return { text, number, licence: licenceOf(printed) };
}

/** Licence that a build of FFmpeg falls under, from its configuration line. */
export function licenceOf(configuration: string): FfmpegVersion['licence'] {
  if (configuration.includes('--enable-nonfree')) return 'nonfree';
  if (!configuration.includes('--enable-gpl')) return 'LGPL';
  return configuration.includes('--enable-version3') ? 'GPL-3.0' : 'GPL-2.0';
}
