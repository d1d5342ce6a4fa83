/** How two views agree, by their positions. */
export interface ViewLink {
  readonly first: number;
  readonly second: number;
  /** -1 to 1. */
  readonly agreement: number;
  /** Shift in px from the first to the second. */
  readonly shiftX: number;
  readonly shiftY: number;
}

/** Where a view looks. */
export interface ViewPlace {
  /** Views of one scene have the same number: the lowest position among them. */
  readonly scene: number;
  /** Shift in px against that view. */
  readonly x: number;
  readonly y: number;
}

/**
 * Lays views out by the strongest chain of links between them (Kruskal's spanning forest): views need not agree each with
 * each (day and night do not), and small shifts along the chain add up, as those of a slow pan do.
 * @param count - Number of views.
 * @param leastAgreement - Weaker links do not count.
 * @returns A place for each view.
 */
export function placeViews(links: readonly ViewLink[], count: number, leastAgreement: number): ViewPlace[] {
  const places: ViewPlace[] = Array.from({ length: count }, (_, scene) => ({ scene, x: 0, y: 0 }));
  const strongest = links
    .filter(({ agreement }) => agreement >= leastAgreement)
    .sort((a, b) => b.agreement - a.agreement);
  for (const { first, second, shiftX, shiftY } of strongest) {
    const [from, to] = [places[first], places[second]];
    if (from === undefined || to === undefined || from.scene === to.scene) continue;
    // Moves the whole scene of the second view to where the link puts it.
    const [x, y] = [from.x + shiftX - to.x, from.y + shiftY - to.y];
    const scene = Math.min(from.scene, to.scene);
    const [originX, originY] = scene === from.scene ? [0, 0] : [x, y];
    for (const [i, place] of places.entries()) {
      if (place.scene === from.scene) places[i] = { scene, x: place.x - originX, y: place.y - originY };
      else if (place.scene === to.scene) places[i] = { scene, x: place.x + x - originX, y: place.y + y - originY };
    }
  }
  return places;
}
