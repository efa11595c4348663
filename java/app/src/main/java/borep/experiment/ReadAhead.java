package borep.experiment;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Reads data in a thread of its own while the device opens. The thread keeps no JVM from ending that no longer needs the data. */
final class ReadAhead {
    private final FutureTask<Void> task;

    /** Begins to read. */
    ReadAhead(final Runnable read) {
        task = new FutureTask<>(read, null);
        Thread.ofPlatform().daemon().name("borep-data").start(task);
    }

    /** Waits until all is read; throws what reading threw. */
    void await() {
        try {
            task.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                default -> throw new IllegalStateException(e.getCause());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
