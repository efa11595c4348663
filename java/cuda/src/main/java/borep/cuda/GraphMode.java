package borep.cuda;

/**
 * How programs run that {@link CudaDevice#record} recorded. All ways give the same bits and none waits for the device.
 *
 * @param programs 0: call by call, for debuggers and sanitizers; 1: a graph each; more: up to so many that are run one after the
 *                 other in one launch, which the device walks by itself (CUDA 12.4 or newer, else a graph each)
 */
public record GraphMode(int programs) {
    /** Call by call. */
    public static final GraphMode EAGER = new GraphMode(0);
    /** A graph for each program: the default. The host is far ahead of the device, so its launches cost nothing. */
    public static final GraphMode PHASE = new GraphMode(1);
    /** Programs of a launch when nothing else is said. */
    private static final int DEFAULT_LOOP = 32;
    /** MOST_TURNS in native/src/kernels/loop.h. */
    private static final int MOST = 256;

    /** Checks the number. */
    public GraphMode {
        if (programs < 0 || programs > MOST) {
            throw new IllegalArgumentException("programs of a launch " + programs + ": must lie in [0, " + MOST + "]");
        }
    }

    /** Several programs in one launch, for hosts whose launches come late: busy ones, or those that other work interrupts. */
    public static GraphMode loop() {
        return new GraphMode(DEFAULT_LOOP);
    }

    /**
     * Reads {@code eager}, {@code phase}, {@code loop} or, with up to 16 programs a launch, {@code loop:16}.
     *
     * @throws IllegalArgumentException naming the text and the forms
     */
    public static GraphMode parse(final String text) {
        switch (text) {
            case "eager" -> {
                return EAGER;
            }
            case "phase" -> {
                return PHASE;
            }
            case "loop" -> {
                return loop();
            }
            default -> {
                if (text.matches("loop:\\d{1,3}")) {
                    final int programs = Integer.parseInt(text.substring("loop:".length()));
                    if (programs >= 2 && programs <= MOST) {
                        return new GraphMode(programs);
                    }
                }
                throw new IllegalArgumentException(
                        "graphs '" + text + "': write eager, phase, loop or loop:N, N from 2 to " + MOST);
            }
        }
    }

    /** The text {@link #parse} reads. */
    @Override
    public String toString() {
        return switch (programs) {
            case 0 -> "eager";
            case 1 -> "phase";
            default -> "loop:" + programs;
        };
    }
}
