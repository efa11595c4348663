package borep.device;

import borep.kernel.Update;
import java.util.List;

/** The {@link Guard} of every device that computes on the host. */
public final class HostGuard implements Guard {
    private final Update update;
    private final Counter counter;
    private final HostRing ring;
    private final Reals values;
    private final Reals[] state;
    private final Reals[] kept;

    /** As {@link Device#guard}, for a device that computes on the host. */
    public HostGuard(
            final Device device, final Counter counter, final Ring ring, final Reals values, final List<Reals> state) {
        update = device.kernels().update();
        this.counter = counter;
        this.ring = (HostRing) ring;
        this.values = values;
        this.state = state.toArray(Reals[]::new);
        kept = state.stream().map(vector -> device.reals(vector.size())).toArray(Reals[]::new);
    }

    @Override
    public void begin() {
        ring.open();
        copy(state, kept);
    }

    @Override
    public Program record(final Runnable calls) {
        return calls::run;
    }

    @Override
    public void end() {
        if (!ring.isClosed()) {
            ring.append(values);
            if (isFinite()) {
                counter.advance();
                copy(state, kept);
                return;
            }
            ring.close();
        }
        copy(kept, state);
    }

    private boolean isFinite() {
        for (int i = 0; i < values.size(); i++) {
            if (!Double.isFinite(values.get(i))) {
                return false;
            }
        }
        return true;
    }

    private void copy(final Reals[] from, final Reals[] to) {
        for (int i = 0; i < from.length; i++) {
            update.copy(from[i], to[i]);
        }
    }
}
