import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const python = '/usr/bin/python3';
// Compiled, this file lies in `dist/bench`.
const script = fileURLToPath(new URL('../../bench/rtsp-server.py', import.meta.url));

/** Whether GStreamer's RTSP server is installed; where not, a line says how to get it. */
export function hasRtspServer(): boolean {
  try {
    const version = 'import gi; gi.require_version("GstRtspServer", "1.0")';
    execFileSync(python, ['-c', version], { stdio: 'ignore' });
    return true;
  } catch {
    console.warn(
      'skipped: tests of cameras against a real RTSP server; install one with `apt-get install python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly`',
    );
    return false;
  }
}

/** What the server plays, and to whom. */
export interface RtspServerOptions {
  /** Launch lines by path. */
  readonly mounts: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly password?: string;
}

/** A real RTSP server of one test. */
export class RtspServer implements AsyncDisposable {
  readonly #options: RtspServerOptions;
  #child: ChildProcess | null = null;
  #port = 0;

  private constructor(options: RtspServerOptions) {
    this.#options = options;
  }

  /** Starts it on a free port. */
  static async start(options: RtspServerOptions): Promise<RtspServer> {
    const server = new RtspServer(options);
    await server.start();
    return server;
  }

  /** The URL of a mount. */
  url(path: string, login = ''): string {
    return `rtsp://${login}127.0.0.1:${this.#port}${path}`;
  }

  /** Starts it again, on the same port, perhaps with other things to play. */
  async start(changed: Partial<RtspServerOptions> = {}): Promise<void> {
    const settings = JSON.stringify({ ...this.#options, ...changed, port: this.#port });
    const child = spawn(python, [script, settings], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    let said = '';
    child.stderr.on('data', chunk => {
      said += chunk;
    });
    const [line] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
    const port = /ready (\d+)/.exec(String(line))?.[1];
    if (port === undefined) throw new Error(`the RTSP server does not run: ${said}`);
    this.#port = Number(port);
  }

  /** Sets a property of a named element in what plays now and later. */
  async set(element: string, property: string, value: string): Promise<void> {
    const { stdin, stdout } = this.#child ?? {};
    if (stdin == null || stdout == null) throw new Error('the RTSP server does not run');
    stdin.write(`${JSON.stringify({ element, property, value })}\n`);
    await once(stdout, 'data');
  }

  /** Stops it in the middle of everything, so that its connections hang. */
  stall(): void {
    this.#child?.kill('SIGSTOP');
  }

  /** Lets it go on. */
  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Kills it. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** Kills it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

/** A launch line: a scene named `scene`, its size set by the element `size`, compressed as a camera does it. */
export function sceneLaunch({ pattern = 'ball', encoder = 'h264' }: SceneOptions = {}): string {
  const encoders = {
    h264: 'x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25 ! rtph264pay name=pay0 pt=96 config-interval=1',
    mjpeg: 'jpegenc ! rtpjpegpay name=pay0 pt=26',
  };
  const size = 'capsfilter name=size caps=video/x-raw,format=I420,width=320,height=240,framerate=25/1';
  return `( videotestsrc name=scene is-live=true background-color=0xff406080 pattern=${pattern} ! videoscale ! ${size} ! ${encoders[encoder]} )`;
}

/** What is filmed. */
export interface SceneOptions {
  /** A pattern of GStreamer's videotestsrc; `ball` moves. */
  readonly pattern?: string;
  readonly encoder?: 'h264' | 'mjpeg';
}

/** A launch line that plays an H.264 MP4 file at its own speed, as often as somebody connects. */
export function footageLaunch(path: string): string {
  return `( filesrc location=${path} ! qtdemux ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=1 )`;
}
