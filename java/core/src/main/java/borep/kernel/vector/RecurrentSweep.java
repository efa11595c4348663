package borep.kernel.vector;

/**
 * What the four sweeps over a layer have in common: the loop over time, whose pieces the parts take as they come. What one
 * piece writes is read by others after the next meeting only.
 */
abstract class RecurrentSweep implements Workers.Part {
    final RecurrentTape tape;
    final Cells cells;
    final Workers workers;

    RecurrentSweep(final RecurrentTape tape, final Cells cells, final Workers workers) {
        this.tape = tape;
        this.cells = cells;
        this.workers = workers;
    }

    /** A piece of the step that the layer takes as number {@code place}. */
    abstract void step(int place, Share share, Workspace workspace);

    /** All steps in the layer's order, then a meeting. */
    final void walkForwards(final int part, final int parts) {
        walk(part, parts, 0, tape.walk.steps(), 1);
    }

    /** All steps against the layer's order, then a meeting. */
    final void walkBackwards(final int part, final int parts) {
        walk(part, parts, tape.walk.steps() - 1, -1, -1);
    }

    /** Pieces of units meet after every step; pieces of samples go through all steps alone. */
    private void walk(final int part, final int parts, final int from, final int end, final int by) {
        final Workspace workspace = workers.workspace(part);
        final int pieces = tape.shares();
        if (tape.bySample()) {
            for (int piece = workers.take(part, parts, pieces); piece >= 0; piece = workers.take(part, parts, pieces)) {
                for (int place = from; place != end; place += by) {
                    step(place, tape.share(piece), workspace);
                }
            }
            workers.barrier(parts);
            return;
        }
        for (int place = from; place != end; place += by) {
            for (int piece = workers.take(part, parts, pieces); piece >= 0; piece = workers.take(part, parts, pieces)) {
                step(place, tape.share(piece), workspace);
            }
            workers.barrier(parts);
        }
    }
}
