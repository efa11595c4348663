package borep.solver;

/** Names of the random choices of one iteration: the purposes of {@link borep.problem.Sample#draw}. */
final class Purpose {
    /** Steps of y before an iteration. */
    static final int WARM = 1;
    /** Steps of y. */
    static final int LOWER_STEP = 2;
    /** Samples of ∇²_yy g·z. */
    static final int HESSIAN = 3;
    /** Samples of ∇²_xy g·z. */
    static final int MIXED = 4;
    /** Samples of ∇_y f. */
    static final int UPPER_Y = 5;
    /** Samples of ∇_x f. */
    static final int UPPER_X = 6;
    /** One sample for everything a level is asked. */
    static final int SHARED = 7;
    /** z_0. */
    static final int START_Z = 8;
    /** Number of factors of a Neumann product. */
    static final int NEUMANN = 9;
    /** Samples of ∇_x g. */
    static final int LOWER_X = 10;
    /** Steps of a second lower variable. */
    static final int TRACKER_STEP = 11;
    /** Samples of ∇_x g at a second lower variable. */
    static final int TRACKER_X = 12;
    /** The sample of a normaliser that is independent of the direction's. */
    static final int NORMALISER = 13;
    /** Steps of y that public codes add to an iteration. */
    static final int ADDED_STEP = 19;
    /** Which batch of the lower level's finite sum. */
    static final int LOWER_BATCH = 20;
    /** Which batch of the upper level's finite sum. */
    static final int UPPER_BATCH = 21;

    private Purpose() {}
}
