package borep.experiment;

import borep.data.DataException;
import borep.data.Split;
import borep.data.Tokeniser;
import borep.data.UnknownWords;
import borep.kernel.Loss;
import borep.kernel.Pooling;
import borep.kernel.Recurrent;
import borep.model.NetworkShape;
import borep.problem.HyperparameterOptimisation;
import java.util.ArrayList;
import java.util.List;

/**
 * What the experiments on texts are set by.
 *
 * @param data       a data specification
 * @param embeddings word vectors: built-in, fetched or a file
 * @param epochs     if positive, replaces steps: passes over the lower level's samples
 * @param text       how texts become tokens
 * @param network    the model
 * @param levels     batches and regularisation
 * @param cleaning   of hyper-cleaning
 * @param tasks      of hyper-representation and hyperparameter optimisation
 * @param auc        of AUC maximisation
 */
public record TextSettings(
        String data,
        String embeddings,
        double epochs,
        Text text,
        Network network,
        Levels levels,
        Cleaning cleaning,
        Tasks tasks,
        Auc auc) {
    /** Checks the range. */
    public TextSettings {
        RunSettings.finite("epochs", epochs);
        RunSettings.atLeast("epochs", epochs, 0);
    }

    /**
     * How texts become tokens.
     *
     * @param tokeniser  words or whitespace
     * @param lowerCase  whether tokens are lower-cased
     * @param maxTokens  most tokens kept of a text
     * @param unknown    what becomes of words without a vector
     * @param skipEmpty  whether texts without any token are left out rather than refused
     * @param split      shares of train/validation/test
     */
    public record Text(
            Tokeniser.Kind tokeniser,
            boolean lowerCase,
            int maxTokens,
            UnknownWords unknown,
            boolean skipEmpty,
            String split) {
        /** The tokeniser. */
        public Tokeniser toTokeniser() {
            return new Tokeniser(tokeniser, lowerCase, maxTokens);
        }

        /** The shares. */
        public Split.Fractions toFractions() {
            return Split.Fractions.parse("text.split", split);
        }
    }

    /** The recurrences by the names of the command line. */
    public enum Cell {
        /** long short-term memory */
        LSTM(Recurrent.Cell.LSTM),
        /** tanh recurrence */
        RNN(Recurrent.Cell.TANH_RNN);

        private final Recurrent.Cell cell;

        Cell(final Recurrent.Cell cell) {
            this.cell = cell;
        }
    }

    /**
     * The model.
     *
     * @param cell          recurrence
     * @param hidden        units per direction
     * @param layers        stacked layers
     * @param bidirectional whether each layer reads both ways
     * @param pool          pooling over steps
     * @param head          widths of the head's hidden layers, separated by commas; empty for a linear head
     * @param tanh          whether tanh stands between the head's layers
     */
    public record Network(
            Cell cell, int hidden, int layers, boolean bidirectional, Pooling.Mode pool, String head, boolean tanh) {
        /** The sizes for word vectors of this width and so many classes. */
        public NetworkShape toShape(final int input, final boolean pair, final int classes) {
            return new NetworkShape(
                    cell.cell, layers, bidirectional, input, hidden, pool, pair, headWidths(), tanh, classes);
        }

        private List<Integer> headWidths() {
            final List<Integer> widths = new ArrayList<>();
            try {
                for (final String width : head.split(",")) {
                    if (!width.isBlank()) {
                        widths.add(Integer.valueOf(width.trim()));
                    }
                }
            } catch (NumberFormatException e) {
                throw new DataException("network.head '" + head + "': must be widths such as 64 or 64,32, or empty");
            }
            return widths;
        }
    }

    /**
     * Both levels.
     *
     * @param upperBatch  samples of an upper batch
     * @param lowerBatch  samples of a lower batch
     * @param regulariser R
     * @param coefficient c of c·R(y) (not in hyperparameter optimisation, where it is what is sought)
     */
    public record Levels(int upperBatch, int lowerBatch, Loss.Regulariser regulariser, double coefficient) {
        /** Checks the ranges. */
        public Levels {
            RunSettings.atLeast("levels.upperBatch", upperBatch, 1);
            RunSettings.atLeast("levels.lowerBatch", lowerBatch, 1);
        }
    }

    /**
     * Hyper-cleaning.
     *
     * @param noise        share of training labels that are flipped, in [0, 1)
     * @param initialLogit starting value of every x_i
     * @param baseline     whether to train on the noisy and on the clean labels too, for comparison
     */
    public record Cleaning(double noise, double initialLogit, boolean baseline) {
        /** Checks the range. */
        public Cleaning {
            if (!(noise >= 0 && noise < 1)) {
                throw new IllegalArgumentException("noise " + noise + ": must lie in [0, 1)");
            }
            RunSettings.finite("cleaning.initialLogit", initialLogit);
        }
    }

    /**
     * Tasks by domain.
     *
     * @param balanced    whether a task has equally many samples of every class
     * @param testTasks   tasks of unseen domains that an evaluation averages over
     * @param adaptSteps  steps of gradient descent on a test task's support set before its query set is judged (MAML: as many as its own)
     * @param adaptStep   their step size
     * @param mutate      whether adaptation changes the shared y for good, as the public code does
     * @param coefficient how x gives the regularisation coefficient (hyperparameter optimisation)
     * @param initial     its starting x
     * @param baseline    whether to run the comparison too: training without meta-learning, or a fixed grid
     * @param baselineStep step size of training without meta-learning
     */
    public record Tasks(
            boolean balanced,
            int testTasks,
            int adaptSteps,
            double adaptStep,
            boolean mutate,
            HyperparameterOptimisation.Coefficient coefficient,
            double initial,
            boolean baseline,
            double baselineStep) {
        /** Checks the ranges. */
        public Tasks {
            RunSettings.atLeast("tasks.testTasks", testTasks, 1);
            RunSettings.atLeast("tasks.adaptSteps", adaptSteps, 0);
            RunSettings.positive("tasks.adaptStep", adaptStep);
            RunSettings.finite("tasks.initial", initial);
            RunSettings.positive("tasks.baselineStep", baselineStep);
        }
    }

    /**
     * AUC maximisation.
     *
     * @param imbalance    share of positives that training and validation texts are brought to, in (0, 1); 0: as they are
     * @param margin       c of the objective, not negative
     * @param positive     the label of the texts that are to score high, all others are negative; empty: the second of two
     * @param baseline     whether to train with cross-entropy too, for comparison
     * @param baselineStep its step size
     */
    public record Auc(double imbalance, double margin, String positive, boolean baseline, double baselineStep) {
        /** Checks the range. */
        public Auc {
            if (!(imbalance >= 0 && imbalance < 1)) {
                throw new IllegalArgumentException("imbalance " + imbalance + ": must lie in [0, 1)");
            }
            RunSettings.positive("auc.baselineStep", baselineStep);
        }
    }
}
