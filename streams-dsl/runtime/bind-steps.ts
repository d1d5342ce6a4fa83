import { readFile } from 'node:fs/promises';
import type { OperatorFunction } from 'rxjs';
import { cascadeErrors, type DifferenceStage, type StoredModel } from '../../cascade/index.ts';
import { PictureShelf } from '../event-pictures.ts';
import { KeptState } from '../kept-state.ts';
import { keepsState } from '../operator.ts';
import { wantsPictures } from '../operators/events.ts';
import type { PlanStep } from '../planner/streams-plan.ts';
import { callFunction } from './call-function.ts';
import { LostWork } from './first-answer.ts';
import type { ImageReader } from './image-reader.ts';
import type { ModelLender } from './model-lender.ts';
import { exactly } from './picture-needs.ts';
import { type AskReference, askOnce, askPools } from './reference-asker.ts';
import type { PictureModel } from './served-first.ts';
import { askFrames, compareFrames, labelFrames, scoreFrames, skipFrames } from './stage-operators.ts';

/** What steps run with. */
export interface StepResources {
  readonly models: ModelLender;
  readonly images: ImageReader;
  /** Whether the models are given the images of requests, which they decode themselves. Default false. */
  readonly decodesImages?: boolean;
}

/** The steps of a plan with their models and pictures at hand. */
export class BoundSteps {
  readonly #operators = new Map<PlanStep, OperatorFunction<never, unknown>>();
  readonly #asks = new Map<PlanStep, AskReference>();
  readonly #lost = new Map<PlanStep, LostWork>();
  readonly #states = new Map<PlanStep, KeptState>();
  /** Where the steps put pictures that the reference model looked at. */
  readonly #shelves = new Map<PlanStep, Set<PictureShelf>>();
  readonly #ownShelves = new Map<PlanStep, PictureShelf>();
  readonly #shared = new Map<string, AskReference>();

  /**
   * Starts the models and reads the pictures that the steps want.
   * @throws what starting a model or reading a picture throws.
   */
  static async bind(steps: readonly PlanStep[], resources: StepResources): Promise<BoundSteps> {
    const bound = new BoundSteps();
    for (const step of steps) bound.#shelve(step);
    await Promise.all(steps.map(step => bound.#bind(step, resources)));
    return bound;
  }

  /** What a step does to the items of its input. */
  operator(step: PlanStep): OperatorFunction<never, unknown> {
    const operator = this.#operators.get(step);
    if (operator === undefined) throw new Error(`The step ${step.id} takes no input.`);
    return operator;
  }

  /** How a program asks its reference model. */
  ask(step: PlanStep): AskReference {
    const ask = this.#asks.get(step);
    if (ask === undefined) throw new Error(`The step ${step.id} asks no model.`);
    return ask;
  }

  /** What the beaten copies of a step have cost. */
  lost(step: PlanStep): LostWork {
    return this.#lost.get(step) ?? new LostWork();
  }

  /** Where a step keeps what it knows of each stream. */
  state(step: PlanStep): KeptState {
    const state = this.#states.get(step) ?? new KeptState();
    this.#states.set(step, state);
    return state;
  }

  async #bind(step: PlanStep, resources: StepResources): Promise<void> {
    const { work } = step;
    switch (work.kind) {
      case 'skip':
        this.#operators.set(step, skipFrames(work.rule.kind === 'every' ? work.rule.tSkip : 1));
        break;
      case 'difference':
        this.#operators.set(
          step,
          compareFrames(work.stage, await readScene(work.stage, resources.images), this.state(step)),
        );
        break;
      case 'specialized': {
        const { model } = work;
        const { models, decodesImages = false } = resources;
        const pool = work.pool ?? step.id;
        const lent = await models.lend({ pool, model, produces: 'confidence', replicas: 1, decodesImages });
        this.#operators.set(step, scoreFrames(work, lent));
        break;
      }
      case 'ask':
        this.#operators.set(
          step,
          askFrames(work.model, this.#shelving(step, await this.#asker(step, work, resources))),
        );
        break;
      case 'program':
        this.#asks.set(
          step,
          this.#shelving(step, await this.#asker(step, { ...work, model: work.referenceModel }, resources)),
        );
        break;
      case 'label':
        this.#operators.set(step, labelFrames(work.predicate, work.smoothingMs, this.state(step)));
        break;
      case 'map':
        this.#operators.set(step, callFunction(work.options, { copies: work.copies, lost: this.#lostOf(step) }));
        break;
      case 'operator':
        this.#operators.set(step, this.#boundOperator(step, work.operator, resources));
        break;
      case 'source':
      case 'merge':
        break;
    }
  }

  /** Notes for each step before one that wants pictures where it is to put them. */
  #shelve(step: PlanStep): void {
    if (step.work.kind !== 'operator' || !wantsPictures(step.work.operator)) return;
    const shelf = new PictureShelf();
    const note = (before: PlanStep): void => {
      const shelves = this.#shelves.get(before) ?? new Set();
      if (shelves.has(shelf)) return;
      this.#shelves.set(before, shelves.add(shelf));
      for (const input of before.inputs) note(input);
    };
    note(step);
    this.#ownShelves.set(step, shelf);
  }

  #boundOperator(
    step: PlanStep,
    operator: OperatorFunction<never, unknown>,
    { images }: StepResources,
  ): OperatorFunction<never, unknown> {
    const shelf = this.#ownShelves.get(step);
    const pictured =
      shelf !== undefined && wantsPictures(operator)
        ? operator.picturedBy({
            take: (stream, frame) => shelf.take(stream, frame),
            encode: still => images.encode(still),
          })
        : operator;
    return keepsState(pictured) ? pictured.keptIn(this.state(step)) : pictured;
  }

  /** The same asking, after which pictures with something in them lie where they are wanted. */
  #shelving(step: PlanStep, ask: AskReference): AskReference {
    const shelves = this.#shelves.get(step);
    if (shelves === undefined) return ask;
    return async (stream, frame, picture, limits) => {
      const detections = await ask(stream, frame, picture, limits);
      // The image of a request is decoded by the model alone.
      if (detections.length === 0 || 'kind' in picture) return detections;
      const score = Math.max(0, ...detections.map(one => one.score));
      for (const shelf of shelves) shelf.put(stream, frame, picture, score);
      return detections;
    };
  }

  async #asker(step: PlanStep, wanted: WantedAnswers, resources: StepResources): Promise<AskReference> {
    const { models, decodesImages = false } = resources;
    const { model, copies, replicas, answers } = wanted;
    const name = wanted.pool ?? step.id;
    const pools: PictureModel[] = await Promise.all(
      Array.from({ length: copies }, (_, copy) =>
        models.lend({
          pool: copy === 0 ? name : `${name} copy ${copy}`,
          model,
          produces: 'detections',
          replicas,
          decodesImages,
        }),
      ),
    );
    const ask = askPools(pools, this.#lostOf(step));
    if (answers === null) return ask;
    const shared = this.#shared.get(answers) ?? askOnce(ask);
    this.#shared.set(answers, shared);
    return shared;
  }

  #lostOf(step: PlanStep): LostWork {
    const lost = this.#lost.get(step) ?? new LostWork();
    this.#lost.set(step, lost);
    return lost;
  }
}

interface WantedAnswers {
  readonly model: StoredModel;
  readonly copies: number;
  readonly replicas: number;
  readonly pool: string | null;
  readonly answers: string | null;
}

async function readScene({ reference, detector }: DifferenceStage, images: ImageReader): Promise<Uint8Array | null> {
  if (reference.kind === 'previous') return null;
  const bytes = await readFile(reference.image);
  const { pictures } = await images.read({ bytes, needs: [exactly(detector)], frame: 0, timestampUs: 0 });
  const [picture] = pictures;
  if (picture !== undefined) return picture.bytes;
  throw cascadeErrors.create('CASCADE_SCENE_INVALID', { path: reference.image, reason: 'it does not decode' });
}
