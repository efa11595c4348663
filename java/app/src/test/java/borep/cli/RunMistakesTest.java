package borep.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code borep run} refuses: in one sentence, with exit code 2, and without leaving anything behind. */
class RunMistakesTest {
    @TempDir
    static Path folder;

    @BeforeAll
    static void writeData() throws IOException {
        SmallData.write(folder);
    }

    private static String[] refused(final String sentence, final String solver) {
        return Stream.concat(
                        Stream.of(sentence),
                        Stream.of(RunCommandTest.arguments("hyper-cleaning", "m9", "--solver", solver)))
                .map(word -> word.endsWith(".csv") || word.endsWith(".txt")
                        ? folder.resolve(word).toString()
                        : word)
                .toArray(String[]::new);
    }

    @Test
    void mistakesGetOneSentenceAndExitCodeTwo() throws Exception {
        Files.writeString(folder.resolve("one.csv"), "text,label\nfine tea,good\nwarm day,good\n");
        Files.writeString(folder.resolve("notes.txt"), "not a directory");
        Files.createDirectories(folder.resolve("foreign"));
        Files.createDirectories(folder.resolve("not-empty"));
        Files.writeString(folder.resolve("not-empty/notes.txt"), "mine");
        assertEquals(
                0,
                Program.run(folder, RunCommandTest.arguments("hyper-cleaning", "foreign-run", "--steps", "10"))
                        .code());
        Files.writeString(folder.resolve("foreign-run/checkpoint.safetensors"), "garbage of more than eight bytes");
        final String[][] mistakes = {
            {"PROBLEM is missing: one of hyper-cleaning, hyper-representation, hyperparameter", "run"},
            {
                "problem 'cleaning': must be one of hyper-cleaning, hyper-representation, hyperparameter",
                "run",
                "cleaning"
            },
            {
                "hidden size 0: must be at least 1",
                "run",
                "hyper-cleaning",
                "--hidden",
                "0",
                "--data",
                "texts.csv",
                "--embeddings",
                "vectors.txt",
                "--out",
                "m1"
            },
            {
                "does not fit into the",
                "run",
                "hyper-cleaning",
                "--hidden",
                "100000",
                "--data",
                "texts.csv",
                "--embeddings",
                "vectors.txt",
                "--out",
                "m8"
            },
            {"epochs NaN: must be a finite number", "run", "hyper-cleaning", "--epochs", "NaN"},
            {"tasks.adaptStep 0.0: must be positive", "run", "hyper-representation", "--set", "tasks.adaptStep=0"},
            {"setting 'problem': is hyper-cleaning here", "run", "hyper-cleaning", "--set", "problem=cosh"},
            {"hidden 5: cosh has no such setting", "run", "cosh", "--hidden", "5"},
            {"out '': must name a folder", "run", "cosh", "--out", ""},
            {"only --threads and --json go with it", "run", "--resume", "foreign", "--seed", "2"},
            {"threads -1: must be at least 0", "run", "--resume", "foreign-run", "--threads", "-1"},
            {"noise 1.5: must lie in [0, 1)", "run", "hyper-cleaning", "--noise", "1.5"},
            {
                "noise 0.2: auc has no such setting; 'borep problems auc' lists what it has",
                "run",
                "auc",
                "--noise",
                "0.2"
            },
            {"noise 0.2: hyperparameter has no such setting", "run", "hyperparameter", "--noise", "0.2"},
            {"imbalance 0.3: hyper-cleaning has no such setting", "run", "hyper-cleaning", "--imbalance", "0.3"},
            {"setting 'cleaning.noise': unknown", "run", "auc", "--set", "cleaning.noise=0.2", "--out", "m3"},
            {
                "steps 3: is given as --set steps=7 too; give it once",
                "run",
                "cosh",
                "--steps",
                "3",
                "--set",
                "steps=7",
            },
            {"set 'sigma': must be KEY=VALUE", "run", "cosh", "--set", "sigma"},
            {"epochs 2: take the place of steps", "run", "hyper-cleaning", "--steps", "3", "--epochs", "2"},
            {
                "epochs 1.0E300: make more than 2147483647 steps; give fewer",
                "run",
                "hyper-cleaning",
                "--epochs",
                "1e300",
                "--data",
                "texts.csv",
                "--embeddings",
                "vectors.txt",
                "--out",
                "m1"
            },
            {
                "steps '99999999999': must be a whole number from -2147483648 to 2147483647",
                "run",
                "cosh",
                "--steps",
                "99999999999"
            },
            {
                "of bo-rep: soba has no such setting; take it out of 'solverOptions', or leave --solver out",
                "run",
                "--config",
                folder.resolve("foreign-run/config.json").toString(),
                "--solver",
                "soba",
                "--out",
                "m2"
            },
            {"cell 'gru': must be one of lstm, rnn", "run", "hyper-cleaning", "--cell", "gru"},
            {"solver 'adam': unknown; known are bo-rep", "run", "hyper-cleaning", "--solver", "adam", "--out", "m2"},
            {"setting 'etta': unknown; known are", "run", "hyper-cleaning", "--set", "etta=1", "--out", "m3"},
            {
                "step size 'fast': write 0.1, 0.1/step:100:0.5 or 0.1/power:0.5",
                "run",
                "hyper-cleaning",
                "--set",
                "eta=fast",
                "--out",
                "m4"
            },
            {"steps 0: must be at least 1", "run", "hyper-cleaning", "--steps", "0"},
            {
                "device 'tpu': must be one of cuda, vector, scalar, reference, or auto",
                "run",
                "hyper-cleaning",
                "--device",
                "tpu",
                "--out",
                "m5"
            },
            {"no such file", "run", "hyper-cleaning", "--data", "missing.csv", "--out", "m6"},
            refused("maml: y begins at x, so both must be equally long", "maml"),
            refused("nsgd: minimises f(x, y) over x alone", "nsgd"),
            {
                "is the only class of all 2 examples; classification needs at least 2",
                "run",
                "hyper-cleaning",
                "--data",
                "one.csv",
                "--embeddings",
                "vectors.txt",
                "--out",
                "m7"
            },
            {"holds no run (config.json is missing)", "run", "--resume", "foreign"},
            {"header length", "run", "--resume", "foreign-run"},
            {"holds a run already", "run", "hyper-cleaning", "--out", "foreign-run"},
            {"not-empty: is not empty (notes.txt)", "run", "hyper-cleaning", "--out", "not-empty", "--data", "none.csv"
            },
            {"cannot be written", "run", "hyper-cleaning", "--out", "notes.txt/run"},
            {"Unknown option: '--colour=red'", "run", "hyper-cleaning", "--colour=red"},
            {"Unmatched argument at index 0: 'walk'", "walk"},
        };
        for (final String[] mistake : mistakes) {
            final String[] arguments = Stream.of(mistake)
                    .skip(1)
                    .map(word -> inFolder(word) ? folder.resolve(word).toString() : word)
                    .toArray(String[]::new);
            final StringWriter err = new StringWriter();
            final int code =
                    Main.commandLine(arguments).setErr(new PrintWriter(err)).execute(arguments);
            final String said = String.join(" ", arguments) + " -> " + code + " " + err;
            assertEquals(2, code, said);
            final List<String> lines = err.toString().lines().toList();
            assertTrue(lines.getLast().startsWith("borep: "), said);
            assertTrue(lines.getLast().contains(mistake[0]), said);
            assertFalse(err.toString().contains("\tat "), said);
        }
        try (Stream<Path> made = Files.list(folder)) {
            assertTrue(
                    made.noneMatch(path -> path.getFileName().toString().matches("m\\d")),
                    "a refused run leaves nothing");
        }
    }

    private static boolean inFolder(final String word) {
        return word.matches("m\\d|.*\\.(csv|txt)(/run)?|foreign(-run)?|not-empty");
    }
}
