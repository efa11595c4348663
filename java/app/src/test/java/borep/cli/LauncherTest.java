package borep.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher as a process, in a copy of the repository, on a PATH that holds only what each test puts there. */
class LauncherTest {
    private static final List<String> TOOLS =
            List.of("dirname", "find", "mkdir", "readlink", "rm", "rmdir", "sleep", "tail", "touch");

    /** Builds slowly enough for two to meet; says what it was asked, in which JDK. */
    private static final String MAVEN = """
            echo "$JAVA_HOME|$*" >> "$HOME/builds"
            sleep 0.5
            mkdir -p '%1$s/java/app/target/dist/lib'
            touch '%1$s/java/app/target/dist/lib/borep-app-1.jar'
            """;

    @TempDir
    private Path folder;

    private Path root;
    private Path bin;
    private final Map<String, String> environment = new TreeMap<>();

    @BeforeEach
    void layOut() throws IOException {
        root = Files.createDirectories(folder.resolve("a clone"));
        Files.createDirectories(root.resolve("java/app/src/main"));
        Files.createFile(root.resolve("java/app/pom.xml"));
        Files.createFile(root.resolve("pom.xml"));
        Files.copy(repository().resolve("borep"), root.resolve("borep"));
        bin = Files.createDirectory(folder.resolve("bin"));
        for (final String tool : TOOLS) {
            script(bin.resolve(tool), "exec " + installed(tool) + " \"$@\"");
        }
        environment.put("PATH", bin.toString());
        environment.put("HOME", folder.toString());
        environment.put("BOREP_JDK_FOLDERS", folder.resolve("none").toString());
    }

    @Test
    void withoutAnyJdkSaysHowToGetOne() throws Exception {
        environment.put("JAVA_HOME", folder.resolve("empty").toString());
        assertMistake("needs a JDK 25 or newer; install one", launch("run"));
    }

    @Test
    void anOldJdkIsNone() throws Exception {
        environment.put("JAVA_HOME", jdk("old", "17.0.15").toString());
        assertMistake("needs a JDK 25 or newer; install one", launch("run"));
        environment.put("JAVA_HOME", jdk("ancient", "1.8.0_402").toString());
        assertMistake("needs a JDK 25 or newer; install one", launch("run"));
    }

    @Test
    void aRuntimeWithoutACompilerIsNone() throws Exception {
        final Path runtime = jdk("jre", "25.0.1");
        Files.delete(runtime.resolve("bin/javac"));
        environment.put("JAVA_HOME", runtime.toString());
        assertMistake("needs a JDK 25 or newer; install one", launch("run"));
    }

    @Test
    void looksInJavaHomeThenOnThePathThenInTheUsualFolders() throws Exception {
        final Path usual = jdk("folders/three", "26-ea");
        jdk("folders/old", "21.0.9");
        environment.put("BOREP_JDK_FOLDERS", folder.resolve("none") + ":" + folder.resolve("folders"));
        environment.put("JAVA_HOME", jdk("old", "17.0.15").toString());
        assertEquals(usual + "\n", launch("jdk").out());

        final Path onPath = jdk("two", "25");
        Files.createSymbolicLink(bin.resolve("javac"), onPath.resolve("bin/javac"));
        assertEquals(onPath + "\n", launch("jdk").out());

        final Path home = jdk("one", "25.0.1");
        environment.put("JAVA_HOME", home.toString());
        assertEquals(home + "\n", launch("jdk").out());
    }

    @Test
    void asksACompilerThatHasNoReleaseFile() throws Exception {
        final Path home = jdk("plain", "25.0.1");
        Files.delete(home.resolve("release"));
        environment.put("JAVA_HOME", home.toString());
        assertEquals(home + "\n", launch("jdk").out());
        script(home.resolve("bin/javac"), "echo javac 24.0.2");
        assertMistake("needs a JDK 25 or newer; install one", launch("jdk"));
    }

    @Test
    void withoutMavenSaysHowToGetIt() throws Exception {
        environment.put("JAVA_HOME", jdk("new", "25.0.1").toString());
        assertMistake("needs Maven to build; install it", launch("run"));
        assertFalse(Files.exists(root.resolve("target")), "nothing is left behind");
    }

    @Test
    void buildsOnFirstUseAndAfterAChangeOnly() throws Exception {
        final Path home = withTools();
        environment.put("BOREP_MAVEN_OPTS", "-Done=1 -Dtwo=2");
        environment.put("BOREP_JAVA_OPTS", "-Xmx1g -Xms1g");
        final Outcome first = launch("run", "two words");
        assertEquals(0, first.code(), first::err);
        assertEquals("building borep (first use) …\n", first.err());
        final String command = "-XX:+UseParallelGC|--enable-native-access=borep.cuda|-XX:CompileCommand=quiet|"
                + "-XX:CompileCommand=CompileThresholdScaling,borep.kernel.vector.Simd*::*,0.03|"
                + "-XX:CompileCommand=CompileThresholdScaling,borep.kernel.vector.Register*::*,0.5|-Xmx1g|-Xms1g|--module-path|"
                + root.resolve("java/app/target/dist/lib") + "|--module|borep.app/borep.cli.Main|run|two words|";
        assertTrue(first.out().startsWith(command), first::out);
        final String build = home + "|--batch-mode --no-transfer-progress --file " + root.resolve("pom.xml")
                + " -Done=1 -Dtwo=2 --quiet -Dmaven.test.skip package";
        assertEquals(List.of(build), builds());

        assertEquals("", launch("run").err());
        assertEquals(1, builds().size());

        final Path source = root.resolve("java/app/src/main/New.java");
        Files.createFile(source);
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(1)));
        assertEquals("building borep (sources have changed) …\n", launch("run").err());
        assertEquals(2, builds().size());
    }

    @Test
    void becomesTheJvmSoThatSignalsReachIt() throws Exception {
        withTools();
        launch("run");
        final Process process = start("run");
        assertTrue(process.waitFor(1, TimeUnit.MINUTES));
        assertTrue(text(process.getInputStream()).endsWith("|" + process.pid() + "\n"));
    }

    @Test
    void worksThroughALinkFromAnyFolder() throws Exception {
        withTools();
        final Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("bin/borep"));
        Files.createSymbolicLink(bin.resolve("borep"), root.resolve("borep"));
        final Process process = start(link, List.of("run"));
        assertTrue(process.waitFor(1, TimeUnit.MINUTES));
        assertEquals(0, process.exitValue(), text(process.getErrorStream()));
        assertEquals(1, builds().size());
    }

    @Test
    void aFailedBuildShowsItsEndAndIsTriedAgain() throws Exception {
        withTools();
        script(bin.resolve("mvn"), "echo built >> \"$HOME/builds\"; echo 'no such symbol'; exit 1");
        for (int attempt = 1; attempt <= 2; attempt++) {
            final Outcome outcome = launch("run");
            assertEquals(1, outcome.code());
            assertEquals("", outcome.out());
            final String log = root.resolve("target/build.log").toString();
            assertEquals(
                    "building borep (first use) …\nno such symbol\n"
                            + "borep: the build failed; all that it said is in " + log + "\n",
                    outcome.err());
            assertEquals(attempt, builds().size());
        }
    }

    @Test
    void twoFirstUsesBuildOnce() throws Exception {
        withTools();
        final List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            processes.add(start("run"));
        }
        for (final Process process : processes) {
            assertTrue(process.waitFor(1, TimeUnit.MINUTES));
            assertEquals(0, process.exitValue(), text(process.getErrorStream()));
        }
        assertEquals(1, builds().size());
        assertFalse(Files.exists(root.resolve("target/building")));
    }

    @Test
    void aBuildThatWasKilledDoesNotHoldUpTheNext() throws Exception {
        withTools();
        final Process dead = new ProcessBuilder("true").start();
        assertTrue(dead.waitFor(1, TimeUnit.MINUTES));
        Files.createDirectories(root.resolve("target/building"));
        Files.createFile(root.resolve("target/building/" + dead.pid()));
        assertEquals("building borep (first use) …\n", launch("run").err());
        assertEquals(1, builds().size());
    }

    @Test
    void testRunsEveryTestInSightAndReturnsMavensCode() throws Exception {
        final Path home = withTools();
        final Outcome good = launch("test");
        assertEquals(0, good.code(), good::err);
        launch("run");
        assertEquals(
                List.of(home + "|--batch-mode --no-transfer-progress --file " + root.resolve("pom.xml")
                        + " -Dchecks verify"),
                builds());

        script(bin.resolve("mvn"), "echo \"Tests run: 3, $*\"; exit 7");
        final Outcome bad = launch("test", "-Dtest=One", "-o");
        assertEquals(7, bad.code());
        assertTrue(bad.out().endsWith("pom.xml -Dchecks -Dtest=One -o verify\n"), bad::out);
        assertFalse(Files.exists(root.resolve("target/building")));
    }

    private static void assertMistake(final String sentence, final Outcome outcome) {
        assertEquals(Main.MISTAKE, outcome.code(), outcome::err);
        assertTrue(outcome.err().startsWith("borep: " + sentence), outcome::err);
        assertEquals(1, outcome.err().lines().count(), outcome::err);
        assertEquals("", outcome.out());
    }

    /** Puts a JDK into JAVA_HOME and Maven onto the PATH. */
    private Path withTools() throws IOException {
        final Path home = jdk("new", "25.0.1");
        environment.put("JAVA_HOME", home.toString());
        script(bin.resolve("mvn"), MAVEN.formatted(root));
        return home;
    }

    /** A JDK whose {@code java} prints its arguments and process id. */
    private Path jdk(final String name, final String version) throws IOException {
        final Path home = folder.resolve(name);
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(
                home.resolve("release"), "IMPLEMENTOR=\"None\"\nJAVA_VERSION=\"" + version + "\"\nOS=\"x\"\n");
        script(home.resolve("bin/java"), "printf '%s|' \"$@\"; echo $$");
        script(home.resolve("bin/javac"), "echo javac " + version);
        return home;
    }

    /** A program of the shell. */
    static void script(final Path file, final String body) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private List<String> builds() throws IOException {
        return Files.readAllLines(folder.resolve("builds"));
    }

    private Outcome launch(final String... words) throws IOException, InterruptedException {
        final Process process = start(words);
        assertTrue(process.waitFor(1, TimeUnit.MINUTES), "the launcher does not end");
        return new Outcome(process.exitValue(), text(process.getInputStream()), text(process.getErrorStream()));
    }

    private Process start(final String... words) throws IOException {
        return start(root.resolve("borep"), List.of(words));
    }

    private Process start(final Path launcher, final List<String> words) throws IOException {
        final List<String> command = new ArrayList<>();
        command.add(launcher.toString());
        command.addAll(words);
        final ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        final Process process = builder.start();
        process.getOutputStream().close();
        return process;
    }

    private static String text(final InputStream stream) throws IOException {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }

    /** Where this machine has a tool. */
    static Path installed(final String tool) {
        return Stream.of(System.getenv("PATH").split(":"))
                .map(folder -> Path.of(folder, tool))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + tool + " on the PATH"));
    }

    static Path repository() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isRegularFile(folder.resolve("borep"))) {
            folder = folder.getParent();
        }
        return folder;
    }

    private record Outcome(int code, String out, String err) {}
}
