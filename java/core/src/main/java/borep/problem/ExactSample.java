package borep.problem;

import borep.device.Counter;

/** The only realisation of a level without randomness. */
final class ExactSample implements Sample {
    static final ExactSample INSTANCE = new ExactSample();

    private ExactSample() {}

    @Override
    public void draw(final Counter step, final int purpose, final int lane) {
        // nothing is random
    }

    @Override
    public void take(final int i) {
        // the whole
    }
}
